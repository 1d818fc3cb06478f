export { makeOffers, seeded } from "./offers.ts";
