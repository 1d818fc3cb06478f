import { problem, type RequestId } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import type { RequestRecord } from "./model.ts";
import { findRequest } from "./store.ts";

/** One of the caller's requests. Throws `not-found`, for another's too. */
export async function ownRequest(
  ctx: Pick<Context, "db">,
  caller: Pick<Caller, "accountId">,
  id: RequestId,
): Promise<RequestRecord> {
  const record = await findRequest(ctx.db, caller.accountId, id);
  if (record !== undefined) return record;
  throw problem("not-found", {
    detail: "this account has no such request",
    field: "requestId",
    given: id,
    next: "GET /v1/requests lists yours; POST /v1/requests makes one.",
  });
}
