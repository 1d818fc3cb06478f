import { type Chain, createTokenAccountInstruction, send, tokenBalance } from "@ionet/chain";
import { type Address, signature as asSignature } from "@solana/kit";
import type { Kysely } from "kysely";
import type { ChainContext, Db, Tables } from "../../../platform/context.ts";
import type { Lane } from "../side-by-side.ts";
import { announcing } from "./announce.ts";

/**
 * Token accounts made in one transaction: each takes about 22,000 compute units, 75 bytes, and up to seven of the 64
 * instructions, inner ones counted, that a transaction may run (with lamports at its address beforehand; else five).
 */
const ACCOUNTS_A_TRANSACTION = 8;

type MadeTable = { wallet: string; mint: string; signature: string; landed: boolean };
const tables = (db: Db) => db.withTables<{ token_accounts_made: MadeTable }>();

/** What making them needs besides: one at a time does it, for several escrows may owe the same wallet. */
export type PayingContext = ChainContext & { makeAccounts: Lane };

/**
 * Makes the wallets' missing token accounts, at our rent and so once only: a wallet that has closed the one it was given
 * makes the next itself. Throws ChainErrors.
 */
export async function makeTokenAccounts(
  ctx: PayingContext,
  wallets: readonly Address[],
  mint: Address,
): Promise<void> {
  if ((await missingAccounts(ctx, wallets, mint)).length === 0) return;
  await ctx.makeAccounts(async () => {
    const missing = await missingAccounts(ctx, wallets, mint);
    for (let start = 0; start < missing.length; start += ACCOUNTS_A_TRANSACTION) {
      await make(ctx, missing.slice(start, start + ACCOUNTS_A_TRANSACTION), mint);
    }
  });
}

/** Those that are not there and are ours to make. */
async function missingAccounts(
  ctx: ChainContext,
  wallets: readonly Address[],
  mint: Address,
): Promise<Claim[]> {
  const missing: Claim[] = [];
  for (const wallet of new Set(wallets)) {
    const there = (await tokenBalance(ctx.chain, wallet, mint, "confirmed")) !== null;
    const before = await lastTry(ctx.db, wallet, mint);
    if (before === null) {
      if (!there) missing.push({ wallet, before: null });
    } else if (!before.landed) {
      // We were stopped after that try was written down: the chain knows whether it came to anything.
      const fate = there ? "landed" : await fateOf(ctx.chain, before.signature);
      if (fate === "landed") await markLanded(ctx.db, before.signature);
      if (fate === "lost") missing.push({ wallet, before: before.signature });
    }
  }
  return missing;
}

/** A wallet to get its account, and the transaction that should have made it before and was lost. */
type Claim = { wallet: Address; before: string | null };

async function make(ctx: ChainContext, claims: readonly Claim[], mint: Address): Promise<void> {
  const instructions = await Promise.all(
    claims.map(({ wallet }) => createTokenAccountInstruction({ payer: ctx.payer, wallet, mint })),
  );
  const chain = announcing(ctx.chain, (signature) => claim(ctx.db, claims, mint, signature));
  const sent = await send(chain, { payer: ctx.payer, instructions, commitment: "confirmed" });
  await markLanded(ctx.db, sent.signature);
}

async function markLanded(db: Db, signature: string): Promise<void> {
  await tables(db)
    .updateTable("token_accounts_made")
    .set({ landed: true })
    .where("signature", "=", signature)
    .execute();
}

async function lastTry(db: Db, wallet: string, mint: string) {
  const row = await tables(db)
    .selectFrom("token_accounts_made")
    .selectAll()
    .where("wallet", "=", wallet)
    .where("mint", "=", mint)
    .executeTakeFirst();
  return row ?? null;
}

/** Lost: the chain has no such transaction, or one that failed. */
async function fateOf(chain: Chain, signature: string): Promise<"landed" | "pending" | "lost"> {
  const { value } = await chain.rpc
    .getSignatureStatuses([asSignature(signature)], { searchTransactionHistory: true })
    .send();
  const status = value[0] ?? null;
  if (status === null || status.err !== null) return "lost";
  return status.confirmationStatus === "processed" ? "pending" : "landed";
}

/** Written before the transaction leaves. Throws when another process was quicker. */
async function claim(
  db: Kysely<Tables>,
  claims: readonly Claim[],
  mint: string,
  signature: string,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const { wallet, before } of claims) {
      const changed = await tables(transaction)
        .insertInto("token_accounts_made")
        .values({ wallet, mint, signature, landed: false })
        .onConflict((conflict) =>
          conflict
            .columns(["wallet", "mint"])
            .doUpdateSet({ signature })
            .where("token_accounts_made.landed", "=", false)
            // The same transaction is handed in again while it is not seen.
            .where("token_accounts_made.signature", "in", [before ?? signature, signature]),
        )
        .executeTakeFirst();
      if (changed.numInsertedOrUpdatedRows === 0n) {
        throw new Error(`the token account of ${wallet} is being made by another process`);
      }
    }
  });
}
