import type { Clock } from "@ionet/machine";
import { createKeyPairSignerFromPrivateKeyBytes, type KeyPairSigner } from "@solana/kit";
import type { LiteSVM } from "litesvm";
import { closedAccount } from "./closed-account.ts";
import { createGenesis } from "./genesis.ts";
import type { Ledger, NetworkOrigin, NetworkProgress } from "./ledger/ledger.ts";
import { SLOT_MS } from "./slots.ts";

/** Where a network stands when its process starts. */
export type Beginning = {
  readonly origin: NetworkOrigin;
  /** Undefined for a network that starts for the first time. */
  readonly earlier: NetworkProgress | undefined;
  readonly faucet: KeyPairSigner;
  /** Accounts are as they were left; sysvars are not set yet. */
  readonly svm: LiteSVM;
};

/** Makes a network's genesis, or takes up what its ledger holds; a new network is noted in the ledger at once. */
export async function beginNetwork(options: {
  clock: Clock;
  randomBytes: (count: number) => Uint8Array;
  finalizedAfterSlots: bigint;
  ledger: Ledger | undefined;
}): Promise<Beginning> {
  const { clock, randomBytes, finalizedAfterSlots, ledger } = options;
  const earlier = ledger?.origin();
  const seed = earlier?.seed ?? randomBytes(32);
  const faucetKey = earlier?.faucetKey ?? randomBytes(32);
  const faucet = await createKeyPairSignerFromPrivateKeyBytes(faucetKey);
  const svm = createGenesis(faucet.address);
  // LiteSVM loads its programs at a slot of mainnet's size and lets none run before it: start just after.
  const firstSlot = svm.getClock().slot + 1n;
  const origin = earlier ?? {
    seed,
    faucetKey,
    startedMs: clock.now(),
    firstSlot,
    firstHeight: finalizedAfterSlots,
  };
  if (earlier === undefined) ledger?.begin(origin, { slot: firstSlot, aheadMs: 0, transactions: 0 });
  else if (ledger !== undefined) {
    // A program is callable from the slot after its deployment: be there before programs come back.
    svm.warpToSlot(earlier.slot);
    restoreAccounts(svm, ledger);
  }
  return { origin, earlier, faucet, svm };
}

/** How far ahead of `clock` a network must run that it neither loses time it was given nor shows a slot again. */
export function aheadAfter({ origin, earlier }: Beginning, clock: Clock): number {
  if (earlier === undefined) return 0;
  const nextSlotMs = origin.startedMs + Number(earlier.slot + 1n - origin.firstSlot) * SLOT_MS;
  return Math.max(earlier.aheadMs, nextSlotMs - clock.now());
}

/** Programs come last: the SVM reads a program's code from its data account when it gets the program. */
function restoreAccounts(svm: LiteSVM, ledger: Ledger): void {
  const programs: Parameters<LiteSVM["setAccount"]>[0][] = [];
  for (const { address, state } of ledger.accounts()) {
    if (state?.executable) programs.push(state);
    else svm.setAccount(state ?? closedAccount(address));
  }
  for (const program of programs) svm.setAccount(program);
}
