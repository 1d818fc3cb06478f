import type { AccountId, Answer, Call, SupplierKind } from "@ionet/protocol";
import { hashSecret, makeSecret } from "../../platform/accounts/secret.ts";
import type { Context, Db } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";

type EnrolmentTokens = {
  token_sha256: Uint8Array;
  account_id: string;
  supplier_kind: SupplierKind;
  uses: number;
  used: number;
  expires_at_ms: number;
};
const tables = (db: Db) => db.withTables<{ enrolment_tokens: EnrolmentTokens }>();

/** Makes a token that enrols `uses` nodes to the caller's wallet. Only its hash is kept. */
export async function createEnrolmentToken(
  ctx: Pick<Context, "db" | "clock" | "random">,
  caller: Caller,
  wanted: Call<"createEnrolmentToken">["body"],
): Promise<Answer<"createEnrolmentToken">> {
  const token = makeSecret(ctx.random);
  const nowMs = ctx.clock.now();
  const expiresAtMs = nowMs + wanted.expiresInSeconds * 1000;
  await tables(ctx.db).deleteFrom("enrolment_tokens").where("expires_at_ms", "<", nowMs).execute();
  await tables(ctx.db)
    .insertInto("enrolment_tokens")
    .values({
      token_sha256: hashSecret(token),
      account_id: caller.accountId,
      supplier_kind: wanted.supplierKind,
      uses: wanted.uses,
      used: 0,
      expires_at_ms: expiresAtMs,
    })
    .execute();
  return { token, uses: wanted.uses, expiresAt: new Date(expiresAtMs).toISOString() };
}

/** Uses a token once more, counted in one statement so that rivals can't both take the last use. Null when it is no good. */
export async function useEnrolmentToken(
  db: Db,
  token: string,
  nowMs: number,
): Promise<{ accountId: AccountId; supplierKind: SupplierKind } | null> {
  const row = await tables(db)
    .updateTable("enrolment_tokens")
    .set((column) => ({ used: column("used", "+", 1) }))
    .where("token_sha256", "=", hashSecret(token))
    .where("expires_at_ms", ">", nowMs)
    .whereRef("used", "<", "uses")
    .returning(["account_id", "supplier_kind"])
    .executeTakeFirst();
  return row === undefined
    ? null
    : { accountId: row.account_id as AccountId, supplierKind: row.supplier_kind };
}
