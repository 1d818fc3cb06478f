import { countryNamed } from "../country-names.ts";
import { canonicalGpuModel, gpuModels, gpuModelsNamed, gpuWords } from "../gpu-models.ts";
import { interconnectSchema } from "../nodes.ts";
import { countryCodes, regions } from "../regions.ts";
import { addressSchema, currencySchema, supplierKindSchema } from "../wire.ts";
import { normalOrder, orders } from "./orders.ts";

/** How a word of a query is read: as it stands in the typed parameters, or null when it is none that fits. */
export type WordKind = {
  read(text: string): string | null;
  allowed: string;
  options: readonly string[];
  /** What was meant by a word that is none of these but known: what to write instead. */
  meant?(text: string): string | null;
};

function oneOf(options: readonly string[], written = (text: string) => text.toLowerCase()): WordKind {
  const known = new Set(options);
  const read = (text: string) => (known.has(written(text)) ? written(text) : null);
  return { read, allowed: options.join(", "), options };
}
const capitals = (text: string) => text.toUpperCase();

const matching = (pattern: RegExp, allowed: string, written = (text: string) => text): WordKind => ({
  read: (text) => (pattern.test(text) ? written(text) : null),
  allowed,
  options: [],
});

export const modelWord: WordKind = {
  read: (text) => (text.length <= 60 ? canonicalGpuModel(text) || null : null),
  allowed: "a GPU model like a100-40gb, or a chip like a100",
  options: gpuWords,
};
const country = oneOf(countryCodes, capitals);
export const countryWord: WordKind = {
  ...country,
  allowed: "a country code like DE",
  meant: (text) => {
    if (region.read(text) !== null) return `region=${region.read(text)}`;
    const code = countryNamed(text);
    return code === undefined ? null : `country=${code}`;
  },
};
const region = oneOf(regions);
export const regionWord: WordKind = {
  ...region,
  meant: (text) => {
    const code = country.read(text) ?? countryNamed(text);
    return code == null ? null : `country=${code}`;
  },
};
export const placeWord: WordKind = {
  read: (text) => countryWord.read(text) ?? regionWord.read(text),
  allowed: `a country code like DE, or ${regions.join(", ")}`,
  options: [...regions, ...countryCodes],
  meant: (text) => countryNamed(text) ?? null,
};
export const kindWord = oneOf(supplierKindSchema.options);
export const interconnectWord = oneOf(interconnectSchema.options);
export const currencyWord = oneOf(currencySchema.options, capitals);
export const sandboxWord = oneOf(["bubblewrap", "none"]);
export const confinementWord = oneOf(["namespace", "loopback"]);
export const addressWord: WordKind = {
  read: (text) => addressSchema.safeParse(text).data ?? null,
  allowed: "a wallet's address (base58, 32 bytes)",
  options: [],
};
export const nodeWord = matching(/^[\w.:-]{1,60}$/, "a node's id like nod_…");
export const sourceWord = matching(/^[\w.:-]{1,60}$/, "network, or an inventory's name", (text) =>
  text.toLowerCase(),
);
export const orderWord: WordKind = {
  read: (text) => {
    const order = orders.find((one) => one === text.toLowerCase());
    return order === undefined ? null : normalOrder(order);
  },
  allowed: `${orders.filter((order) => !/^[+-]/.test(order)).join(", ")}; with - highest first, with + lowest first`,
  options: orders.filter((order) => !/^[+-]/.test(order)),
};

const knownIds: ReadonlySet<string> = new Set(gpuModels.map((model) => model.id));

/**
 * The models a word of a query stands for: the model itself, or a chip's or a family's all; none when nobody knows it.
 * `others`: models that are offered, whether the market knows them or not.
 */
export function gpuModelsMeant(word: string, others: readonly string[] = []): string[] {
  if (knownIds.has(word) || others.includes(word)) return [word];
  const named = gpuModelsNamed(word).map((model) => model.id);
  if (named.length > 0) return named;
  return [...new Set([...knownIds, ...others])].filter((id) => id.startsWith(`${word}-`));
}
