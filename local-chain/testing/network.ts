import { randomBytes } from "node:crypto";
import type { Clock } from "@ionet/machine";
import {
  type Address,
  address,
  appendTransactionMessageInstructions,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  generateKeyPairSigner,
  getAddressEncoder,
  getProgramDerivedAddress,
  type Instruction,
  type KeyPairSigner,
  lamports,
  pipe,
  sendAndConfirmTransactionFactory,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  setTransactionMessageLoadedAccountsDataSizeLimit,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { createMovableClock } from "../clock.ts";
import { createLocalNetwork, type LocalNetworkOptions } from "../network.ts";
import { parse } from "../rpc/dispatch.ts";
import { isObject } from "../rpc/parameters.ts";
import { serveRpc } from "../rpc/server.ts";
import { TOKEN_PROGRAM } from "../tokens.ts";
import { UPGRADEABLE_LOADER } from "../upgradeable-program.ts";

/** A clock that stands still until it is moved, so that a test says when slots pass. */
export const STILL: Clock = { now: () => 1_790_000_000_000 };
/** The machine's clock. */
export const RUNNING: Clock = { now: () => Date.now() };

/** A network behind its real server, and a stock kit client that talks to it. */
export async function startTestNetwork(base: Clock, options: Partial<LocalNetworkOptions> = {}) {
  const clock = createMovableClock(base);
  const network = await createLocalNetwork({
    clock,
    randomBytes: (n) => new Uint8Array(randomBytes(n)),
    ...options,
  });
  const faults: unknown[] = [];
  const server = await serveRpc(network, 0, (_method, fault) => faults.push(fault));
  const rpc = createSolanaRpc(server.rpcUrl);
  const subscriptions = createSolanaRpcSubscriptions(server.wsUrl);
  const confirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions: subscriptions });
  const passSlots = (count: number) => clock.advance((count * 400) / 1000);

  /** The raw answer to a call, for what a typed client would not send. */
  const call = async (method: string, params: unknown): Promise<Record<string, unknown>> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = parse(await (await fetch(server.rpcUrl, { method: "POST", body })).text());
    if (!isObject(answer)) throw new Error("no object");
    return answer;
  };

  const fundedWallet = async (sol = 10n): Promise<KeyPairSigner> => {
    const wallet = await generateKeyPairSigner();
    await rpc.requestAirdrop(wallet.address, lamports(sol * 1_000_000_000n)).send();
    return wallet;
  };

  const sign = async (payer: KeyPairSigner, instructions: Instruction[], version: "legacy" | 0 | 1 = 0) => {
    const { value: lifetime } = await rpc.getLatestBlockhash({ commitment: "processed" }).send();
    if (version === 1)
      return await pipe(
        createTransactionMessage({ version: 1 }),
        (m) => setTransactionMessageFeePayerSigner(payer, m),
        (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
        (m) => setTransactionMessageComputeUnitLimit(200_000, m),
        (m) => setTransactionMessageLoadedAccountsDataSizeLimit(4 * 1024 * 1024, m),
        (m) => appendTransactionMessageInstructions(instructions, m),
        signTransactionMessageWithSigners,
      );
    return await pipe(
      createTransactionMessage({ version }),
      (m) => setTransactionMessageFeePayerSigner(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
      (m) => appendTransactionMessageInstructions(instructions, m),
      signTransactionMessageWithSigners,
    );
  };

  return { network, server, rpc, subscriptions, confirm, clock, passSlots, call, fundedWallet, sign, faults };
}

export type TestNetwork = Awaited<ReturnType<typeof startTestNetwork>>;

export async function freshAddress(): Promise<Address> {
  return address((await generateKeyPairSigner()).address);
}

export const programDataOf = async (of: Address) =>
  (
    await getProgramDerivedAddress({
      programAddress: UPGRADEABLE_LOADER,
      seeds: [getAddressEncoder().encode(of)],
    })
  )[0];

/** A real program to deploy under another address: the SPL token program that every network has. */
export async function tokenProgramElf(): Promise<Uint8Array> {
  const donor = await startTestNetwork(STILL);
  const account = donor.network.account(await programDataOf(TOKEN_PROGRAM), "processed");
  await donor.server.close();
  return account?.data.slice(45) ?? new Uint8Array();
}
