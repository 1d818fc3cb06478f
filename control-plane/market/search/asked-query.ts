import {
  type Call,
  contradictoryBounds,
  problem,
  type Query,
  type ReadQuery,
  readQueryText,
} from "@ionet/protocol";

/** The query that a call means, and where its text names which models. */
export type AskedQuery = Pick<ReadQuery, "query" | "models"> & { text: string };

/**
 * The query that a call means: its typed parameters and its text together. What both say, or what nothing can be, is
 * refused.
 */
export function askedQuery({ q, cursor: _, limit: __, ...typed }: Call<"searchOffers">["query"]): AskedQuery {
  const read: Pick<ReadQuery, "query" | "models"> =
    q === undefined ? { query: {}, models: new Map() } : readQueryText(q);
  const text = q ?? "";
  const twice = Object.keys(read.query).find((name) => name in typed);
  if (twice !== undefined) {
    throw problem("invalid-request", {
      detail: `${twice} is asked for in q and as a parameter`,
      field: twice,
      given: text,
      allowed: "each condition once, in q or as a parameter",
      next: `Leave ${twice} out of one of them.`,
    });
  }
  const query = { ...read.query, ...typed };
  checkBounds(query);
  return { query, models: read.models, text };
}

function checkBounds(query: Query): void {
  const found = contradictoryBounds(query);
  if (found === null) return;
  const { min, max, given, why } = found;
  throw problem("invalid-request", {
    detail: why,
    field: max,
    given: given[1],
    allowed: `at least ${min}, ${given[0]}`,
    next: `Raise ${max}, lower ${min}, or leave one of them out.`,
  });
}
