export { makeOffers, seededRandom } from "./offers.ts";
