import type { Context } from "../context.ts";
import type { Handlers } from "../http/handlers.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import { createChallenge, type SignInPlace, signIn } from "./sign-in.ts";
import { accountById } from "./store.ts";

export const accountRoutes = (
  ctx: Pick<Context, "db" | "clock" | "random">,
  place: SignInPlace,
): Handlers<
  "createChallenge" | "signIn" | "getAccount" | "createApiKey" | "listApiKeys" | "revokeApiKey"
> => ({
  createChallenge: ({ body }) => createChallenge(ctx, place, body.wallet),
  signIn: ({ body }) => signIn(ctx, body),
  getAccount: (_call, caller) => accountById(ctx.db, caller.accountId),
  createApiKey: ({ body }, caller) => createApiKey(ctx, caller, body),
  listApiKeys: ({ query }, caller) => listApiKeys(ctx, caller, query),
  revokeApiKey: ({ params }, caller) => revokeApiKey(ctx, caller, params.apiKeyId),
});
