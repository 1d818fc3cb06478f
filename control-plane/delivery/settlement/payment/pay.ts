import {
  type Chain,
  closeEscrowInstruction,
  type EscrowState,
  isNative,
  readNetwork,
  send,
  settleInstructions,
} from "@ionet/chain";
import { type Address, address, type Instruction } from "@solana/kit";
import type { KeptReading } from "../../metering/sign-reading.ts";
import { announce } from "../history/history-store.ts";
import { holdsOnlyOwed, type NextPayment, owedBy, thisTransaction } from "../model.ts";
import { intend } from "../store.ts";
import { announcing } from "./announce.ts";
import { lookWhoIsPayable } from "./payable.ts";
import { makeTokenAccounts, type PayingContext } from "./token-accounts.ts";

/** The most that is paid for priority, micro-lamports a compute unit: some 3,000 lamports for fifty suppliers. */
const MAX_PRIORITY_FEE = 100_000n;

/**
 * Sends the one transaction that comes next: it pays what a reading has earned, ends the escrow, or both. Suppliers
 * without a token account are given one, once; the engineer never is, and in SOL nobody needs one. The transaction's
 * signature is written down before it leaves. Null when nobody who is owed can be paid now. Throws ChainErrors, also while
 * the refund has nowhere to go.
 */
export async function pay(
  ctx: PayingContext,
  escrow: EscrowState,
  { kept, next, firstTry }: { kept: KeptReading; next: NextPayment; firstTry: boolean },
): Promise<{ signature: string; slot: bigint } | null> {
  const treasury = await treasuryOf(ctx.chain);
  if (next.settle && next.payLeases.length > 0 && !isNative(escrow.mint)) {
    const suppliers = next.payLeases.flatMap((index) => escrow.leases[index]?.supplier ?? []);
    const owed = [...suppliers, treasury].filter((wallet) => wallet !== escrow.engineer);
    await makeTokenAccounts(ctx, owed, escrow.mint);
  }
  const owed = owedBy(escrow, kept);
  const payable = await lookWhoIsPayable(ctx.chain, escrow, { payLeases: next.payLeases, owed, treasury });
  const { payLeases } = payable;
  const { settle, close } = thisTransaction(next, escrow, { ...payable, firstTry });
  if (!settle && holdsOnlyOwed(escrow)) return null;
  const instructions: Instruction[] = [];
  if (settle) {
    const applied = await settleInstructions({
      reading: new Uint8Array(Buffer.from(kept.reading, "base64")),
      signature: new Uint8Array(Buffer.from(kept.signature, "base64")),
      meter: address(kept.meter),
      escrow,
      treasury,
      payLeases,
    });
    instructions.push(...applied);
  }
  if (close) instructions.push(await closeEscrowInstruction({ escrow }));
  if (instructions.length === 0) return null;
  const chain = announcing(ctx.chain, async (signature) => {
    await announce(ctx.db, escrow.address, signature, ctx.clock.now());
    await intend(ctx.db, escrow.address, signature, kept.final ? "settling" : "open");
  });
  return send(chain, {
    payer: ctx.payer,
    instructions,
    commitment: "confirmed",
    maxPriorityFee: MAX_PRIORITY_FEE,
  });
}

/** Where the network's fee goes. */
export async function treasuryOf(chain: Chain): Promise<Address> {
  const network = await readNetwork(chain, "confirmed");
  if (network === null)
    throw new Error(`the escrow program's network is not initialised on ${new URL(chain.url).origin}`);
  return network.treasury;
}
