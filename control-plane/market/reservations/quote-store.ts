import {
  type AccountId,
  type BaseUnits,
  baseUnits,
  type Demand,
  demandSchema,
  type QuotedLease,
  type QuoteId,
  quotedLeaseSchema,
  type SolPrice,
  solPriceSchema,
} from "@ionet/protocol";
import { z } from "zod";
import type { Db } from "../../platform/context.ts";
import { tables } from "./tables.ts";

/** A quote as it is kept. It holds nothing. */
export type QuoteRecord = {
  id: QuoteId;
  accountId: AccountId;
  demand: Demand;
  leases: QuotedLease[];
  feeBps: number;
  deposit: BaseUnits;
  /** At which its rates were turned into lamports; null in other currencies. */
  solPrice: SolPrice | null;
  expiresAtMs: number;
};

const leasesSchema = z.array(quotedLeaseSchema);
/** Quotes that nobody booked are forgotten an hour after they expired. */
const KEPT_MS = 3_600_000;

export async function insertQuote(db: Db, quote: QuoteRecord, nowMs: number): Promise<void> {
  await tables(db)
    .deleteFrom("quotes")
    .where("expires_at_ms", "<", nowMs - KEPT_MS)
    .where((row) =>
      row.not(row.exists(row.selectFrom("reservations").select("id").whereRef("quote_id", "=", "quotes.id"))),
    )
    .execute();
  await tables(db)
    .insertInto("quotes")
    .values({
      id: quote.id,
      account_id: quote.accountId,
      demand: JSON.stringify(z.encode(demandSchema, quote.demand)),
      leases: JSON.stringify(z.encode(leasesSchema, quote.leases)),
      fee_bps: quote.feeBps,
      deposit: quote.deposit.toString(),
      sol_price: quote.solPrice === null ? null : JSON.stringify(z.encode(solPriceSchema, quote.solPrice)),
      expires_at_ms: quote.expiresAtMs,
    })
    .execute();
}

/** A quote of this account; undefined for another's. */
export async function findQuote(db: Db, accountId: AccountId, id: QuoteId): Promise<QuoteRecord | undefined> {
  const row = await tables(db)
    .selectFrom("quotes")
    .selectAll()
    .where("id", "=", id)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id,
    accountId,
    demand: z.decode(demandSchema, row.demand as z.input<typeof demandSchema>),
    leases: z.decode(leasesSchema, row.leases as z.input<typeof leasesSchema>),
    feeBps: row.fee_bps,
    deposit: baseUnits(BigInt(row.deposit)),
    solPrice:
      row.sol_price === null
        ? null
        : z.decode(solPriceSchema, row.sol_price as z.input<typeof solPriceSchema>),
    expiresAtMs: row.expires_at_ms,
  };
}
