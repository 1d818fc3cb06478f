export { testOffer } from "./offer.ts";
