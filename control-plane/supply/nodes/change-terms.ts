import {
  type Answer,
  invalidRequest,
  type NodeId,
  problem,
  type Terms,
  type TermsChange,
  termsSchema,
} from "@ionet/protocol";
import { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import type { NodeRecord } from "./model.ts";
import { toView } from "./node-view.ts";
import { settleState } from "./observe-node.ts";
import { findNode, lockNode, writeTerms } from "./store.ts";

/** One of the caller's own nodes. Throws `not-found`, also for another's node: who has which is nobody's business. */
export async function getNode(
  ctx: Pick<Context, "db">,
  caller: Caller,
  nodeId: NodeId,
): Promise<Answer<"getNode">> {
  return toView(owned(await findNode(ctx, nodeId), caller, nodeId));
}

/**
 * Changes some terms of one of the caller's nodes, at once; what is booked keeps its own. Throws `not-found`,
 * `invalid-request`; then nothing is changed.
 */
export const changeTerms = (
  ctx: Pick<Context, "db" | "clock">,
  caller: Caller,
  nodeId: NodeId,
  change: TermsChange,
): Promise<Answer<"changeTerms">> =>
  writeOwned(ctx, caller, nodeId, (terms) => {
    if (terms === null && (change.priceMicroUsdPerGpuHour === undefined || change.country === undefined)) {
      throw problem("invalid-request", {
        detail: "the node has no terms yet, so a price and a country are needed",
        field: change.priceMicroUsdPerGpuHour === undefined ? "priceMicroUsdPerGpuHour" : "country",
        given: "nothing",
        allowed: "both priceMicroUsdPerGpuHour and country",
        next: "Send both; all other terms have defaults.",
      });
    }
    // As they travel, so that defaults are filled in and what two fields must be to each other is checked.
    const wire = { ...(terms === null ? {} : z.encode(termsSchema, terms)), ...encodeChange(change) };
    const merged = z.safeDecode(termsSchema, wire as z.input<typeof termsSchema>);
    if (!merged.success) throw invalidRequest("body", termsSchema, wire, merged.error);
    return merged.data;
  });

/** Takes one of the caller's nodes off the market; what is booked stays. Throws `not-found`. */
export const withdrawNode = (
  ctx: Pick<Context, "db" | "clock">,
  caller: Caller,
  nodeId: NodeId,
): Promise<Answer<"withdrawNode">> => writeOwned(ctx, caller, nodeId, () => null);

async function writeOwned(
  ctx: Pick<Context, "db" | "clock">,
  caller: Caller,
  nodeId: NodeId,
  change: (terms: Terms | null) => Terms | null,
) {
  return ctx.db.transaction().execute(async (db) => {
    await lockNode(db, nodeId);
    const node = owned(await findNode({ db }, nodeId), caller, nodeId);
    const changed = { ...node, terms: change(node.terms) };
    await writeTerms(db, nodeId, changed.terms);
    await settleState(db, changed, ctx.clock.now());
    return toView((await findNode({ db }, nodeId)) ?? changed);
  });
}

function owned(node: NodeRecord | undefined, caller: Caller, nodeId: NodeId): NodeRecord {
  if (node !== undefined && node.accountId === caller.accountId) return node;
  throw problem("not-found", {
    detail: "you have no such node",
    field: "nodeId",
    given: nodeId,
    allowed: "a node that your own token enrolled",
    next: "List yours with GET /v1/nodes (`ionet agent terms show`).",
  });
}

/** A change as it travels: only what it names. */
const encodeChange = (change: TermsChange): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(change)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === "bigint" ? value.toString() : value]),
  );
