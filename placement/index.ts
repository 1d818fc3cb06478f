export type { Effort } from "./candidate.ts";
export { byReach, choose, chooseFromAll, mostEffort, type Share, suits } from "./choose.ts";
export { chooseEarly } from "./choose-early.ts";
export type { CheapestOffers, FreeOffer } from "./free-offer.ts";
