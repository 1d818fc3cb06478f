import { z } from "zod";
import { countedGpuModels } from "../gpu-models.ts";
import { microUsdPerGpuHour } from "../money.ts";
import { interconnectSchema } from "../nodes.ts";
import { wholeParameter } from "../parameters.ts";
import { regionSchema } from "../regions.ts";
import { LEASE_SECONDS } from "../terms.ts";
import { addressSchema, countrySchema, currencySchema, supplierKindSchema, textSchema } from "../wire.ts";
import { orders } from "./orders.ts";
import { MOST, versionUnit } from "./units.ts";
import { modelWord } from "./words.ts";

/*
 * What is searched for, as typed parameters of GET /v1/offers. The text of a query (parse.ts) means the same, and each can
 * be written as the other. Lists are one parameter with commas.
 */

const LONGEST_LIST = 50;

/** One of these: `DE,NO` on the wire. */
const listOf = <Item extends z.ZodType<string, string>>(item: Item, written = (text: string) => text) =>
  z
    .codec(z.string().max(2000), z.array(item).min(1).max(LONGEST_LIST), {
      decode: (text) => text.split(",").map((part) => written(part.trim()) as z.input<Item>),
      encode: (items) => items.join(","),
    })
    .optional();

const whole = (least: number, most: number) => wholeParameter(least, most).optional();
const number = whole(0, Number(MOST));

/** A decimal whose bounds its pattern says. */
const decimal = (pattern: RegExp, decimals: number, most: number) =>
  z
    .codec(
      z.string().regex(pattern, `expected a decimal from 0 to ${most}, ${decimals} places at most`),
      z.number(),
      { decode: Number, encode: String },
    )
    .optional();
const share = decimal(/^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$/, 6, 1);
const tflops = decimal(/^([0-3]?[0-9]{1,6}(\.[0-9]{1,3})?|4000000(\.0{1,3})?)$/, 3, 4_000_000);

const price = z
  .codec(
    z.string().regex(/^[0-9]{1,10}$/, "expected micro-USD per GPU-hour as digits"),
    z.bigint().min(0n).max(MOST),
    { decode: (text) => microUsdPerGpuHour(BigInt(text)), encode: String },
  )
  .optional()
  .meta({
    description: `micro-USD per GPU-hour, from 0 to ${MOST}`,
    type: "integer",
    minimum: 0,
    maximum: Number(MOST),
  });

const version = z
  .string()
  .regex(/^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$/, `expected ${versionUnit.allowed}`)
  .optional();

const flag = z
  .codec(z.enum(["true", "false"]), z.boolean(), {
    decode: (text) => text === "true",
    encode: (value) => (value ? "true" : "false"),
  })
  .optional();

const capitals = (text: string) => text.toUpperCase();
const small = (text: string) => text.toLowerCase();
const models = listOf(
  textSchema(60)
    .min(1)
    .refine((text) => countedGpuModels(text) === undefined, "expected a model alone; the count is gpuCount"),
  (text) => (countedGpuModels(text) === undefined ? (modelWord.read(text) ?? text) : text),
);
const sources = listOf(textSchema(60).min(1), small);
const nodes = listOf(textSchema(60).min(1));

/** The parameters of a search that say what is searched for. Numbers in base units; `min` and `max` are included. */
export const querySchema = z.strictObject({
  gpuModel: models.meta({ description: "a model, or a chip in all its sizes: a100-40gb or a100" }),
  notGpuModel: models,
  country: listOf(countrySchema, capitals),
  notCountry: listOf(countrySchema, capitals),
  region: listOf(regionSchema, small),
  notRegion: listOf(regionSchema, small),
  supplierKind: listOf(supplierKindSchema, small),
  notSupplierKind: listOf(supplierKindSchema, small),
  supplier: listOf(addressSchema),
  notSupplier: listOf(addressSchema),
  nodeId: nodes,
  notNodeId: nodes,
  source: sources,
  notSource: sources,
  interconnect: listOf(interconnectSchema, small),
  notInterconnect: listOf(interconnectSchema, small),
  currency: listOf(currencySchema, capitals).meta({ description: "accepts one of these" }),
  notCurrency: listOf(currencySchema, capitals),
  sandbox: listOf(z.enum(["bubblewrap", "none"]), small),
  notSandbox: listOf(z.enum(["bubblewrap", "none"]), small),
  confinement: listOf(z.enum(["namespace", "loopback"]), small),
  notConfinement: listOf(z.enum(["namespace", "loopback"]), small),
  verified: flag,
  simulated: flag,
  bookable: flag,
  interruptible: flag.meta({ description: "whether it has an interruptible price" }),
  minVramMib: number.meta({ description: "of one GPU, as sold" }),
  maxVramMib: number,
  minGpus: number.meta({ description: "free on one node" }),
  maxGpus: number,
  minPriceMicroUsdPerGpuHour: price,
  maxPriceMicroUsdPerGpuHour: price,
  minInterruptiblePriceMicroUsdPerGpuHour: price,
  maxInterruptiblePriceMicroUsdPerGpuHour: price,
  minReliability: share.meta({ description: "share of hired time delivered" }),
  maxReliability: share,
  minReliabilityLowerBound: share.meta({ description: "the same as it is sure at 95 %" }),
  maxReliabilityLowerBound: share,
  minHiredHours: number,
  maxHiredHours: number,
  minTflops: tflops.meta({ description: "dense FP16 tensor throughput of one GPU" }),
  maxTflops: tflops,
  minCpus: number,
  maxCpus: number,
  minMemoryMib: number,
  maxMemoryMib: number,
  minDiskFreeMib: number,
  maxDiskFreeMib: number,
  minUpMbps: number,
  maxUpMbps: number,
  minDownMbps: number,
  maxDownMbps: number,
  minCudaVersion: version,
  maxCudaVersion: version,
  minDriverVersion: version,
  maxDriverVersion: version,
  durationSeconds: whole(LEASE_SECONDS.least, LEASE_SECONDS.most).meta({
    description: "can be hired this long from now on",
  }),
  gpuCount: whole(1, 1_000_000).meta({
    description: "GPUs wanted in all: the answer says when there are fewer",
  }),
  near: z
    .union([countrySchema, regionSchema])
    .optional()
    .meta({ description: "a country or region: nearest offers first" }),
  sort: z.enum(orders).optional().meta({ description: "best first; with + or - by rising or falling value" }),
});
/** What is searched for. Empty: all that can be hired. */
export type Query = z.infer<typeof querySchema>;

const parameters: Readonly<Record<string, z.ZodType<unknown, unknown>>> = querySchema.shape;

/**
 * The query that some parameters mean, as they are on the wire: what `querySchema` reads. It alone looks for each parameter
 * that there is, which takes longer than all else of reading a short query.
 */
export function decodeParameters(
  wire: Readonly<Record<string, string>>,
): { query: Query } | { refused: string; why: string } {
  const query: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(wire)) {
    const schema = parameters[name];
    if (schema === undefined) return { refused: name, why: "there is no such parameter" };
    const read = schema.safeDecode(text);
    if (!read.success) {
      const [issue] = read.error.issues;
      return { refused: [name, ...(issue?.path ?? [])].join("."), why: issue?.message ?? "" };
    }
    query[name] = read.data;
  }
  return { query: query as Query };
}
