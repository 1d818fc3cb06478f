export { UNKNOWN } from "./columns/uppers.ts";
export { type Condition, conditionsOf } from "./conditions.ts";
export { explainShortage } from "./explain-shortage.ts";
export { findOffers, orderOf } from "./find-offers.ts";
export { distancesFrom } from "./nearness.ts";
export { numberNames, numberOf, offerId, type WordName, wordNames, wordOf } from "./offer-columns.ts";
export { OfferIndex } from "./offer-index.ts";
export type { RankPosition } from "./rows/best-rows.ts";
