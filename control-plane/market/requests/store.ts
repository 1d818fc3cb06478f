import type { AccountId, QuoteId, RequestEvent, RequestId, RequestState } from "@ionet/protocol";
import { sql } from "kysely";
import type { Db } from "../../platform/context.ts";
import { comesAfter, type ListPosition } from "../../platform/http/newest-first.ts";
import { type RequestRecord, requestChanges, type Told } from "./model.ts";
import { encodeDemand, encodeWaitsFor, eventFromRow, fromRow, tables } from "./tables.ts";

type NewEvent = Pick<RequestEvent, "event"> & { atMs: number; detail?: string | null };

/**
 * Writes a new request with its first event. False when the account has `most` open ones already: one request of an
 * account is written after the other, so that two at once are not counted as one.
 */
export async function insertRequest(db: Db, request: RequestRecord, most: number): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`requests of ${request.accountId}`}, 0))`.execute(
      tx,
    );
    const open = await tables(tx)
      .selectFrom("requests")
      .select("id")
      .where("account_id", "=", request.accountId)
      .where("state", "in", ["waiting", "held"])
      .execute();
    if (open.length >= most) return false;
    await tables(tx)
      .insertInto("requests")
      .values({
        id: request.id,
        account_id: request.accountId,
        wallet: request.wallet,
        demand: encodeDemand(request.demand),
        gpu_model: request.demand.gpuModel,
        leases_per_escrow: request.leasesPerEscrow,
        wait_until_ms: request.waitUntilMs,
        state: request.state,
        created_at_ms: request.createdAtMs,
        queued_at_ms: request.queuedAtMs,
        funds_seen_at_ms: request.fundsSeenAtMs,
      })
      .execute();
    await addEvent(tx, request, { event: "created", atMs: request.createdAtMs });
    return true;
  });
}

/** All that wait or are held, in the order in which they are served. */
export async function openRequests(db: Db): Promise<RequestRecord[]> {
  const rows = await tables(db)
    .selectFrom("requests")
    .selectAll()
    .where("state", "in", ["waiting", "held"])
    .orderBy("queued_at_ms")
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

/** A request of this account; undefined for another's. */
export async function findRequest(
  db: Db,
  accountId: AccountId,
  id: RequestId,
): Promise<RequestRecord | undefined> {
  const row = await tables(db)
    .selectFrom("requests")
    .selectAll()
    .where("id", "=", id)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** A request as it stands now; nobody else changes it before this transaction ends. */
export async function lockRequest(db: Db, id: RequestId): Promise<RequestRecord | undefined> {
  const row = await tables(db)
    .selectFrom("requests")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** An account's requests, newest first, after the one of the cursor. */
export async function requestsOfAccount(
  db: Db,
  accountId: AccountId,
  page: { after: ListPosition | null; limit: number },
): Promise<RequestRecord[]> {
  let query = tables(db)
    .selectFrom("requests")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("created_at_ms", "desc")
    .orderBy("id")
    .limit(page.limit);
  const { after } = page;
  if (after !== null) query = query.where(comesAfter(after));
  return (await query.execute()).map(fromRow);
}

/**
 * Moves a request, as the table of changes allows, with its event; false when it is in another state by now. Run it in
 * a transaction.
 */
export async function moveRequest(
  db: Db,
  { id, state: from }: Pick<RequestRecord, "id" | "state">,
  change: { to: RequestState } & Partial<
    Pick<RequestRecord, "reason" | "queuedAtMs" | "lapses" | "quoteId" | "reservationId">
  >,
  event: NewEvent,
): Promise<boolean> {
  if (!requestChanges[from].includes(change.to)) throw new Error(`a request can't go ${from} → ${change.to}`);
  const { queuedAtMs, lapses, quoteId, reservationId } = change;
  const { numUpdatedRows } = await tables(db)
    .updateTable("requests")
    .set({
      state: change.to,
      reason: change.reason ?? null,
      ...(queuedAtMs === undefined ? {} : { queued_at_ms: queuedAtMs }),
      ...(lapses === undefined ? {} : { lapses }),
      ...(quoteId === undefined ? {} : { quote_id: quoteId }),
      ...(reservationId === undefined ? {} : { reservation_id: reservationId }),
      ...(change.to === "held" ? { refusals: 0 } : {}),
      ...(change.to === "waiting"
        ? {}
        : { position: null, waits_for: null, earliest_ms: null, told_at_ms: null }),
    })
    .where("id", "=", id)
    .where("state", "=", from)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) return false;
  await addEvent(db, { id, reservationId: reservationId ?? null }, event);
  return true;
}

/** Notes which quote is about to be booked for a waiting request. False when it does not wait any more. */
export async function noteQuote(db: Db, id: RequestId, quoteId: QuoteId | null): Promise<boolean> {
  const { numUpdatedRows } = await tables(db)
    .updateTable("requests")
    .set({ quote_id: quoteId })
    .where("id", "=", id)
    .where("state", "=", "waiting")
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** A booking was refused: the request stands back until then. */
export async function backOff(
  db: Db,
  id: RequestId,
  { tryAfterMs, refusals, fundsSeenAtMs }: Pick<RequestRecord, "tryAfterMs" | "refusals" | "fundsSeenAtMs">,
): Promise<void> {
  await tables(db)
    .updateTable("requests")
    .set({ try_after_ms: tryAfterMs, refusals, funds_seen_at_ms: fundsSeenAtMs, quote_id: null })
    .where("id", "=", id)
    .where("state", "=", "waiting")
    .execute();
}

/** Its wallet showed an hour's price. */
export async function noteFunds(db: Db, id: RequestId, seenAtMs: number): Promise<void> {
  await tables(db)
    .updateTable("requests")
    .set({ funds_seen_at_ms: seenAtMs })
    .where("id", "=", id)
    .where("state", "=", "waiting")
    .execute();
}

/** Writes what a request waits for; the event replaces the last of its kind. Run it in a transaction. */
export async function tell(db: Db, request: RequestRecord, told: Told, nowMs: number): Promise<void> {
  const { numUpdatedRows } = await tables(db)
    .updateTable("requests")
    .set({
      // Its place alone is told without looking anew for the reason.
      told_at_ms: told.waitsFor === request.told.waitsFor ? request.told.atMs : nowMs,
      position: told.position,
      waits_for: encodeWaitsFor(told.waitsFor),
      earliest_ms: told.earliestMs,
    })
    .where("id", "=", request.id)
    .where("state", "=", "waiting")
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) return;
  await tables(db)
    .deleteFrom("request_events")
    .where("request_id", "=", request.id)
    .where("event", "=", "waits")
    .execute();
  await addEvent(
    db,
    { id: request.id, reservationId: null },
    {
      event: "waits",
      atMs: nowMs,
      detail: told.waitsFor?.detail ?? null,
    },
  );
}

/** What happened to a request after an event, oldest first. */
export async function eventsAfter(db: Db, id: RequestId, after: number): Promise<RequestEvent[]> {
  const rows = await tables(db)
    .selectFrom("request_events")
    .selectAll()
    .where("request_id", "=", id)
    .where("id", ">", after)
    .orderBy("id")
    .execute();
  return rows.map(eventFromRow);
}

async function addEvent(
  db: Db,
  { id, reservationId }: Pick<RequestRecord, "id" | "reservationId">,
  { event, atMs, detail }: NewEvent,
): Promise<void> {
  await tables(db)
    .insertInto("request_events")
    .values({ request_id: id, at_ms: atMs, event, detail: detail ?? null, reservation_id: reservationId })
    .execute();
}
