import { createHash } from "node:crypto";
import { type EndpointName, problem } from "@ionet/protocol";
import type { ColumnType } from "kysely";
import type { Context, Db } from "../context.ts";

type IdempotentAnswers = {
  account_id: string;
  key: string;
  endpoint: string;
  request_sha256: string;
  status: number | null;
  answer: ColumnType<unknown, string, string>;
  created_at_ms: number;
};
const tables = (db: Db) => db.withTables<{ idempotent_answers: IdempotentAnswers }>();

/** An answer is kept for a day. */
const KEPT_MS = 24 * 3_600_000;
/** A call that has not ended by then was cut off by a crash; the next one with its key may run. */
const RUNNING_MS = 60_000;
/** These answers hold a secret that is shown once: the answer is not kept, only that it was given. */
const SHOWN_ONCE: ReadonlySet<EndpointName> = new Set(["createApiKey", "createEnrolmentToken"]);

const next = "Use a new key for a new request; a key stands for one request of one account.";

/**
 * Runs a write once per Idempotency-Key: the same key with the same request gets the stored answer. Only successes are
 * stored: a refused call has changed nothing, so it may run again.
 */
export async function idempotently(
  ctx: Pick<Context, "db" | "clock">,
  call: { accountId: string; key: string; endpoint: EndpointName; status: number; request: string },
  run: () => Promise<unknown>,
): Promise<unknown> {
  if (!/^[\x21-\x7e]{1,200}$/.test(call.key)) {
    throw problem("invalid-request", {
      detail: "the Idempotency-Key can't be read",
      field: "Idempotency-Key",
      allowed: "1 to 200 visible ASCII characters",
      next: "Send a random key such as a UUID.",
    });
  }
  const sha256 = createHash("sha256").update(`${call.endpoint}\n${call.request}`).digest("hex");
  const stored = await claim(ctx, call, sha256);
  if (stored !== null) return stored.answer;
  const row = { account_id: call.accountId, key: call.key };
  try {
    const answer = await run();
    const kept = SHOWN_ONCE.has(call.endpoint) ? null : answer;
    await tables(ctx.db)
      .updateTable("idempotent_answers")
      .set({ status: call.status, answer: JSON.stringify(kept) })
      .where("account_id", "=", row.account_id)
      .where("key", "=", row.key)
      .execute();
    return answer;
  } catch (error) {
    await tables(ctx.db)
      .deleteFrom("idempotent_answers")
      .where("account_id", "=", row.account_id)
      .where("key", "=", row.key)
      .where("status", "is", null)
      .execute();
    throw error;
  }
}

/** Takes the key, or gives what it was answered with. */
async function claim(
  ctx: Pick<Context, "db" | "clock">,
  call: { accountId: string; key: string; endpoint: EndpointName },
  sha256: string,
): Promise<{ answer: unknown } | null> {
  const nowMs = ctx.clock.now();
  return ctx.db.transaction().execute(async (tx) => {
    const db = tables(tx);
    await db
      .deleteFrom("idempotent_answers")
      .where((row) =>
        row.or([
          row("created_at_ms", "<", nowMs - KEPT_MS),
          row.and([row("status", "is", null), row("created_at_ms", "<", nowMs - RUNNING_MS)]),
        ]),
      )
      .execute();
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("idempotent_answers")
      .values({
        account_id: call.accountId,
        key: call.key,
        endpoint: call.endpoint,
        request_sha256: sha256,
        status: null,
        answer: "null",
        created_at_ms: nowMs,
      })
      .onConflict((conflict) => conflict.columns(["account_id", "key"]).doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) return null;
    const row = await db
      .selectFrom("idempotent_answers")
      .select(["request_sha256", "status", "answer"])
      .where("account_id", "=", call.accountId)
      .where("key", "=", call.key)
      .executeTakeFirst();
    if (row === undefined) throw stillRunning();
    if (row.request_sha256 !== sha256) {
      throw problem("idempotency-key-reused", {
        detail: "this account used the Idempotency-Key for another request before",
        field: "Idempotency-Key",
        next,
      });
    }
    if (row.status === null) throw stillRunning();
    if (row.answer === null) {
      throw problem("idempotency-key-reused", {
        detail: "this was done already, and its answer holds a secret that is shown once",
        field: "Idempotency-Key",
        next: "If the answer was lost, make another one with a new key and revoke the first.",
      });
    }
    return { answer: row.answer };
  });
}

const stillRunning = () =>
  problem("unavailable", {
    detail: "the first request with this Idempotency-Key is still being answered",
    field: "Idempotency-Key",
    next: "Send the same request again in a moment.",
  });
