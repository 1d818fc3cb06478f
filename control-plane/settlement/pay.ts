import {
  type Chain,
  closeEscrowInstruction,
  createTokenAccountInstruction,
  type EscrowState,
  payableLeases,
  readNetwork,
  send,
  settleInstructions,
  tokenBalance,
} from "@ionet/chain";
import { type Address, address, getBase58Decoder, type Instruction } from "@solana/kit";
import type { ChainContext } from "../context.ts";
import type { KeptReading } from "../metering/sign-reading.ts";
import type { NextPayment } from "./model.ts";
import { intend } from "./store.ts";

/** Token accounts made in one transaction: each takes about 22,000 compute units and 100 bytes. */
const ACCOUNTS_A_TRANSACTION = 6;
const SIGNATURE_BYTES = 64;

/**
 * Sends the one transaction that pays what a reading has earned, and ends the escrow when the reading is final. Wallets
 * without a token account get one first: a skipped supplier would keep the escrow open. The transaction's signature is
 * written down before it leaves. Throws ChainErrors.
 */
export async function pay(
  ctx: ChainContext,
  escrow: EscrowState,
  kept: KeptReading,
  next: NextPayment,
): Promise<string> {
  const treasury = await treasuryOf(ctx.chain);
  await makeTokenAccounts(ctx, escrow, next, treasury);
  const instructions: Instruction[] = [];
  if (next.settle) {
    // A supplier that gave its token account away, or whose account is frozen, holds nobody else up: its share waits.
    const payable = await payableLeases(ctx.chain, escrow, "confirmed");
    const settle = await settleInstructions({
      reading: new Uint8Array(Buffer.from(kept.reading, "base64")),
      signature: new Uint8Array(Buffer.from(kept.signature, "base64")),
      meter: address(kept.meter),
      escrow,
      treasury,
      payLeases: next.payLeases.filter((index) => payable.includes(index)),
    });
    instructions.push(...settle);
  }
  if (next.close) instructions.push(await closeEscrowInstruction({ escrow }));
  const chain = announcing(ctx.chain, (signature) =>
    intend(ctx.db, escrow.address, signature, kept.final ? "settling" : "open"),
  );
  const sent = await send(chain, { payer: ctx.payer, instructions, commitment: "confirmed" });
  return sent.signature;
}

/** Where the network's fee goes. */
export async function treasuryOf(chain: Chain): Promise<Address> {
  const network = await readNetwork(chain, "confirmed");
  if (network === null) throw new Error(`the escrow program's network is not initialised on ${chain.url}`);
  return network.treasury;
}

async function makeTokenAccounts(
  ctx: ChainContext,
  escrow: EscrowState,
  next: NextPayment,
  treasury: Address,
): Promise<void> {
  const suppliers = next.payLeases.flatMap((index) => escrow.leases[index]?.supplier ?? []);
  const wallets = new Set<Address>([
    ...suppliers,
    ...(next.settle && next.payLeases.length > 0 ? [treasury] : []),
    ...(next.close ? [escrow.engineer] : []),
  ]);
  const missing: Instruction[] = [];
  for (const wallet of wallets) {
    if ((await tokenBalance(ctx.chain, wallet, escrow.mint, "confirmed")) !== null) continue;
    missing.push(await createTokenAccountInstruction({ payer: ctx.payer, wallet, mint: escrow.mint }));
  }
  for (let start = 0; start < missing.length; start += ACCOUNTS_A_TRANSACTION) {
    const instructions = missing.slice(start, start + ACCOUNTS_A_TRANSACTION);
    await send(ctx.chain, { payer: ctx.payer, instructions, commitment: "confirmed" });
  }
}

/** The same chain, but every transaction's signature is told, and waited for, before the transaction leaves. */
function announcing(chain: Chain, tell: (signature: string) => Promise<void>): Chain {
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

/** A transaction's first signature, which is its name: after the count byte. */
const signatureOf = (wire: string): string =>
  getBase58Decoder().decode(Buffer.from(wire, "base64").subarray(1, 1 + SIGNATURE_BYTES));
