import { type Call, problem, type Query, readQuery } from "@ionet/protocol";

/** The query that a call means: its typed parameters and its text together. What both say is refused. */
export function askedQuery({ q, cursor: _, limit: __, ...typed }: Call<"searchOffers">["query"]): Query {
  if (q === undefined) return typed;
  const text = readQuery(q);
  const twice = Object.keys(text).find((name) => name in typed);
  if (twice === undefined) return { ...text, ...typed };
  throw problem("invalid-request", {
    detail: `${twice} is asked for in q and as a parameter`,
    field: twice,
    given: q,
    allowed: "each condition once, in q or as a parameter",
    next: `Leave ${twice} out of one of them.`,
  });
}
