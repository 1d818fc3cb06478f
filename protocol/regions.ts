import { z } from "zod";

/*
 * Which part of the world a country is in, as engineers ask for places: by law where that is why they ask (the European
 * Economic Area), else by nearness. All codes of ISO 3166-1 and XK, which Kosovo uses.
 */
const countriesOf = {
  /** The European Economic Area and Switzerland: one law for data. */
  eu: "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO CH AX",
  /** The United Kingdom and its islands. */
  uk: "GB GG IM JE GI",
  /** Europe outside the Economic Area. */
  "europe-other": "AD AL BA BY FO MC MD ME MK RS RU SJ SM UA VA XK",
  /** North and Central America and the Caribbean. */
  na: "US CA MX GL PM BM BZ CR SV GT HN NI PA AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
  /** South America. */
  sa: "AR BO BR CL CO EC FK GF GS GY PE PY SR UY VE",
  /** Asia outside the Middle East. */
  asia: "AF AM AZ BD BN BT CN GE HK ID IN IO JP KG KH KP KR KZ LA LK MM MN MO MV MY NP PH PK SG TH TJ TL TM TW UZ VN",
  /** Australia, New Zealand and the islands of the Pacific. */
  oceania: "AQ AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
  /** Africa and its islands. */
  africa:
    "AO BF BI BJ BV BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW",
  /** The Middle East, with Turkey. */
  me: "AE BH IL IQ IR JO KW LB OM PS QA SA SY TR YE",
} as const;

export type Region = keyof typeof countriesOf;

/** The regions, as they are typed: `region=eu`. */
export const regions = Object.keys(countriesOf) as Region[];
export const regionSchema = z.enum(regions as [Region, ...Region[]]);

const regionOfCountry: ReadonlyMap<string, Region> = new Map(
  regions.flatMap((region) => countriesOf[region].split(" ").map((country) => [country, region] as const)),
);

/** Every country's code. */
export const countryCodes: readonly string[] = [...regionOfCountry.keys()].sort();

/** The region of a country (ISO 3166-1 alpha-2, capitals); undefined for a code that is no country's. */
export const regionOf = (country: string): Region | undefined => regionOfCountry.get(country);
