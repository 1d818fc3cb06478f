import type { Chain } from "@ionet/chain";
import { getBase64Encoder, getSignatureFromTransaction, getTransactionDecoder } from "@solana/kit";

/** The same chain, but every transaction's signature is told, and waited for, before the transaction leaves. */
export function announcing(chain: Chain, tell: (signature: string) => Promise<void>): Chain {
  const rpc = new Proxy(chain.rpc, {
    get(target, name, receiver) {
      if (name !== "sendTransaction") return Reflect.get(target, name, receiver);
      return (...call: Parameters<typeof target.sendTransaction>) => {
        const request = target.sendTransaction(...call);
        const announced = async (...options: Parameters<typeof request.send>) => {
          await tell(signatureOf(call[0]));
          return request.send(...options);
        };
        return { ...request, send: announced };
      };
    },
  });
  return { ...chain, rpc };
}

/** The signature of a transaction in base64: its name. Decoded, for v0 has its signatures in front and v1 at its end. */
export const signatureOf = (wire: string): string =>
  getSignatureFromTransaction(getTransactionDecoder().decode(getBase64Encoder().encode(wire)));
