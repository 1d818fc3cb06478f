import type { Answer, Call } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Caller, Exchange } from "../../platform/http/handlers.ts";
import type { Listeners } from "./listeners.ts";
import { isOpen } from "./model.ts";
import { ownRequest } from "./own-request.ts";
import { eventsAfter } from "./store.ts";

/** What another control plane did to a request is seen this much later, in ms. */
const LOOK_MS = 5_000;

/** What happened to a request after an event; held back until there is something, as long as was asked. Throws `not-found`. */
export async function listRequestEvents(
  ctx: Pick<Context, "db">,
  listeners: Listeners,
  caller: Caller,
  { params: { requestId }, query: { after, waitSeconds } }: Call<"listRequestEvents">,
  { signal }: Exchange,
): Promise<Answer<"listRequestEvents">> {
  for (let leftMs = waitSeconds * 1000; ; leftMs -= LOOK_MS) {
    const armed = listeners.arm(requestId, signal);
    try {
      // The state before the events: none of the end's events is missing when it says that it has ended.
      const ended = !isOpen((await ownRequest(ctx, caller, requestId)).state);
      const items = await eventsAfter(ctx.db, requestId, after);
      if (items.length > 0 || ended || leftMs <= 0 || signal.aborted) return { items, ended };
      await armed.wait(Math.min(leftMs, LOOK_MS));
    } finally {
      armed.disarm();
    }
  }
}
