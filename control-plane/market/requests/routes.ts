import type { Handlers } from "../../platform/http/handlers.ts";
import { cancelRequest } from "./cancel-request.ts";
import { createRequest } from "./create-request.ts";
import { listRequestEvents } from "./list-events.ts";
import { listRequests } from "./list-requests.ts";
import { createListeners } from "./listeners.ts";
import { ownRequest } from "./own-request.ts";
import { reconcileRequests } from "./reconcile.ts";
import type { RequestContext } from "./request-context.ts";
import { newRoundRobin } from "./round-robin.ts";
import { toView } from "./view.ts";

type RequestHandlers = Handlers<
  "createRequest" | "listRequests" | "getRequest" | "listRequestEvents" | "cancelRequest"
>;

/** The step that lets demands wait: its calls and its reconciler, which tells those who listen. */
export function createRequests(parts: Omit<RequestContext, "requestChanged" | "turns">): {
  handlers: RequestHandlers;
  reconcile(): Promise<void>;
} {
  const listeners = createListeners();
  const ctx: RequestContext = { ...parts, requestChanged: listeners.changed, turns: newRoundRobin() };
  return {
    handlers: {
      createRequest: ({ body }, caller) => createRequest(ctx, ctx.terms, caller, body),
      listRequests: ({ query }, caller) => listRequests(ctx, caller.accountId, query),
      getRequest: async ({ params }, caller) => toView(await ownRequest(ctx, caller, params.requestId)),
      listRequestEvents: (call, caller, exchange) =>
        listRequestEvents(ctx, listeners, caller, call, exchange),
      cancelRequest: async ({ params: { requestId } }, caller) => {
        const cancelled = await cancelRequest(ctx, caller, requestId);
        listeners.changed(requestId);
        return cancelled;
      },
    },
    reconcile: () => reconcileRequests(ctx),
  };
}
