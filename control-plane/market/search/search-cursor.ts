import { orderOf, type RankPosition } from "@ionet/offer-index";
import { problem, type Query } from "@ionet/protocol";

/*
 * A cursor names the order it belongs to and the place of the last offer shown, so that it goes on there whatever comes
 * and goes meanwhile, and on any control plane.
 */

const orderText = (query: Query): string => `${orderOf(query)} ${query.near ?? "-"}`;

export const writeCursor = (query: Query, { key, price, id }: RankPosition): string =>
  Buffer.from(`${orderText(query)} ${key} ${price} ${id}`).toString("base64url");

/** The place a cursor names. Throws `invalid-request` when this list did not give it out, or in another order. */
export function readCursor(query: Query, cursor: string): RankPosition {
  const text = Buffer.from(cursor, "base64url").toString();
  const [, order, key, price, id] = /^(\S+ \S+) (\d{1,10}) (\d{1,10}) (.+)$/.exec(text) ?? [];
  // Codes of the index: whole numbers below 2³².
  const [keyCode, priceCode] = [key, price].map(Number);
  if (order === orderText(query) && keyCode !== undefined && priceCode !== undefined && id !== undefined) {
    return { key: keyCode, price: priceCode, id };
  }
  throw problem("invalid-request", {
    detail:
      order === undefined
        ? "the cursor is none that this list gave out"
        : `the cursor belongs to the order ${order}`,
    field: "cursor",
    given: cursor,
    allowed: "nextCursor of the page before, with the same query",
    next: "Begin again without a cursor.",
  });
}
