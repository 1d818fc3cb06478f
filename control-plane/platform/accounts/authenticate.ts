import type { Context } from "../context.ts";
import type { Caller } from "../http/handlers.ts";
import { hashSecret } from "./secret.ts";
import { callerBySecret } from "./store.ts";

/** Who holds this sign-in token or API key; null when it is unknown, revoked or expired. */
export const authenticateBearer = (
  ctx: Pick<Context, "db" | "clock">,
  token: string,
): Promise<Caller | null> => callerBySecret(ctx.db, hashSecret(token), ctx.clock.now());
