import {
  type Chain,
  closeEscrowInstruction,
  type EscrowState,
  payableLeases,
  readNetwork,
  send,
  settleInstructions,
} from "@ionet/chain";
import { type Address, address, type Instruction } from "@solana/kit";
import type { KeptReading } from "../metering/sign-reading.ts";
import { announcing } from "./announce.ts";
import { type NextPayment, thisTransaction } from "./model.ts";
import { intend } from "./store.ts";
import { makeTokenAccounts, type PayingContext } from "./token-accounts.ts";

/**
 * Sends the one transaction that comes next: it pays what a reading has earned, ends the escrow, or both. Suppliers
 * without a token account are given one, once; the engineer never is. The transaction's signature is written down before
 * it leaves. Null when nobody who is owed can be paid now. Throws ChainErrors, also while the refund has nowhere to go.
 */
export async function pay(
  ctx: PayingContext,
  escrow: EscrowState,
  { kept, next, firstTry }: { kept: KeptReading; next: NextPayment; firstTry: boolean },
): Promise<{ signature: string; slot: bigint } | null> {
  const treasury = await treasuryOf(ctx.chain);
  if (next.settle && next.payLeases.length > 0) {
    const suppliers = next.payLeases.flatMap((index) => escrow.leases[index]?.supplier ?? []);
    const owed = [...suppliers, treasury].filter((wallet) => wallet !== escrow.engineer);
    await makeTokenAccounts(ctx, owed, escrow.mint);
  }
  const payable = await payableWallets(ctx.chain, escrow, [escrow.engineer, treasury]);
  // A supplier that gave its token account away, or whose account is frozen, holds nobody else up: its share waits.
  const payLeases = next.payLeases.filter((index) => payable.has(escrow.leases[index]?.supplier ?? treasury));
  const { settle, close } = thisTransaction(next, escrow, {
    payLeases,
    treasuryPayable: payable.has(treasury),
    engineerPayable: payable.has(escrow.engineer),
    firstTry,
  });
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
  const chain = announcing(ctx.chain, (signature) =>
    intend(ctx.db, escrow.address, signature, kept.final ? "settling" : "open"),
  );
  return send(chain, { payer: ctx.payer, instructions, commitment: "confirmed" });
}

/** Where the network's fee goes. */
export async function treasuryOf(chain: Chain): Promise<Address> {
  const network = await readNetwork(chain, "confirmed");
  if (network === null) throw new Error(`the escrow program's network is not initialised on ${chain.url}`);
  return network.treasury;
}

/** Which suppliers of an escrow, and which of some other wallets, have a token account that takes transfers now. */
async function payableWallets(
  chain: Chain,
  escrow: EscrowState,
  others: readonly Address[],
): Promise<Set<Address>> {
  // What is asked of a lease's wallet is asked of the others', as if each had a lease.
  const asked = escrow.leases.flatMap((lease, index) =>
    index === 0 ? [lease, ...others.map((supplier) => ({ ...lease, supplier }))] : [lease],
  );
  const payable = await payableLeases(chain, { ...escrow, leases: asked }, "confirmed");
  return new Set(payable.flatMap((index) => asked[index]?.supplier ?? []));
}
