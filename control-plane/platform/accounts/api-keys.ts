import { type Answer, type Call, makeId, problem } from "@ionet/protocol";
import type { Context } from "../context.ts";
import type { Caller } from "../http/handlers.ts";
import { pageOf } from "../http/page.ts";
import { hashSecret, makeSecret } from "./secret.ts";
import { type AccessKey, apiKeysOf, deleteApiKey, insertAccessKey } from "./store.ts";

const DAY_MS = 86_400_000;

/** Makes an API key. Throws `forbidden` when an API key asks. */
export async function createApiKey(
  ctx: Pick<Context, "db" | "clock" | "random">,
  caller: Caller,
  wanted: Call<"createApiKey">["body"],
): Promise<Answer<"createApiKey">> {
  requireWallet(caller);
  const secret = makeSecret(ctx.random);
  const nowMs = ctx.clock.now();
  const key = {
    id: makeId("apiKey", ctx.random.bytes(20)),
    accountId: caller.accountId,
    name: wanted.name,
    scopes: [...new Set(wanted.scopes)],
    createdAtMs: nowMs,
    expiresAtMs: nowMs + wanted.expiresInDays * DAY_MS,
  };
  await insertAccessKey(ctx.db, { ...key, secretSha256: hashSecret(secret) });
  return { ...toView(key), secret };
}

/** The caller's API keys, without their secrets. Throws `forbidden` when an API key asks. */
export async function listApiKeys(
  ctx: Pick<Context, "db" | "clock">,
  caller: Caller,
  { cursor = "", limit }: Call<"listApiKeys">["query"],
): Promise<Answer<"listApiKeys">> {
  requireWallet(caller);
  const page = { after: cursor, limit: limit + 1, nowMs: ctx.clock.now() };
  return pageOf(await apiKeysOf(ctx.db, caller.accountId, page), limit, (key) => key.id, toView);
}

/** Revokes one of the caller's keys. Throws `not-found`, and `forbidden` when an API key asks. */
export async function revokeApiKey(
  ctx: Pick<Context, "db">,
  caller: Caller,
  id: string,
): Promise<Answer<"revokeApiKey">> {
  requireWallet(caller);
  if (await deleteApiKey(ctx.db, caller.accountId, id)) return {};
  throw problem("not-found", {
    detail: "this account has no such API key",
    field: "apiKeyId",
    given: id,
    next: "List the keys with GET /v1/api-keys.",
  });
}

/** Keys are the wallet's to give and take: a key that leaked can't outlive its revocation by making another. */
function requireWallet(caller: Caller): void {
  if (caller.by === "sign-in") return;
  throw problem("forbidden", {
    detail: "an API key can neither make, list nor revoke API keys",
    field: "Authorization",
    given: "an API key",
    allowed: "the sign-in token of the wallet",
    next: "Sign in with the wallet (`ionet login`) and call again without the API key.",
  });
}

const toView = (key: Omit<AccessKey, "secretSha256">) => ({
  id: key.id,
  name: key.name ?? "",
  scopes: [...key.scopes],
  createdAt: new Date(key.createdAtMs).toISOString(),
  expiresAt: new Date(key.expiresAtMs).toISOString(),
});
