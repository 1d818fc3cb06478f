import { type Answer, type Call, type Offer, problem } from "@ionet/protocol";
import type { Context } from "../context.ts";
import { pageOf } from "../http/page.ts";
import { listFreeOffers } from "../inventory/list-offers.ts";
import { knownGpuModel } from "./known-gpu-model.ts";

/** What can be hired now, cheapest first; of equal price by node. A cursor names the offer it comes after. */
export async function searchOffers(
  ctx: Pick<Context, "db" | "clock">,
  query: Call<"searchOffers">["query"],
): Promise<Answer<"searchOffers">> {
  const all = await listFreeOffers(ctx);
  const model =
    query.gpuModel === undefined
      ? undefined
      : knownGpuModel(
          query.gpuModel,
          all.map((offer) => offer.gpuModel),
        );
  const country = query.country?.toUpperCase();
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const rows = all
    .filter((offer) => offer.gpusFree > 0)
    .filter((offer) => model === undefined || offer.gpuModel === model)
    .filter((offer) => country === undefined || offer.country === country)
    .map(({ freeGpus: _, ...offer }) => ({ offer, place: placeOf(offer) }))
    .sort((a, b) => comparePlaces(a.place, b.place))
    .filter((row) => after === undefined || comparePlaces(row.place, after) > 0)
    .slice(0, query.limit + 1);
  return pageOf(
    rows,
    query.limit,
    (row) => writeCursor(row.place),
    (row) => row.offer,
  );
}

/** Where an offer stands in the order of the list: by price, then by what tells it apart. */
type Place = { price: bigint; rest: string };

const placeOf = (offer: Offer): Place => ({
  price: offer.priceMicroUsdPerGpuHour,
  rest: `${offer.nodeId} ${offer.gpuModel} ${offer.simulated}`,
});

function comparePlaces(a: Place, b: Place): number {
  if (a.price !== b.price) return a.price < b.price ? -1 : 1;
  return a.rest === b.rest ? 0 : a.rest < b.rest ? -1 : 1;
}

const writeCursor = ({ price, rest }: Place): string => Buffer.from(`${price} ${rest}`).toString("base64url");

function readCursor(cursor: string): Place {
  const [, price, rest] = /^(\d{1,19}) (.+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (price !== undefined && rest !== undefined) return { price: BigInt(price), rest };
  throw problem("invalid-request", {
    detail: "the cursor is none that this list gave out",
    field: "cursor",
    given: cursor,
    allowed: "nextCursor of the page before",
    next: "Begin again without a cursor.",
  });
}
