import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { closestWords } from "../closest.ts";
import { Problem } from "../problems.ts";
import { fields } from "./fields.ts";
import { formatQuery, queryParts } from "./format.ts";
import { normalOrder, orders, readOrder } from "./orders.ts";
import { LONGEST_QUERY, parseQuery, readQuery } from "./parse.ts";
import { querySchema } from "./query.ts";
import { caretLines } from "./unreadable.ts";

const wire = (text: string) => z.encode(querySchema, readQuery(text));

test.each([
  [
    "gpu=A100 vram>=40 count=8 region=eu price<=1.0 reliability>=0.99 verified",
    {
      gpuModel: "a100",
      minVramMib: "40960",
      gpuCount: "8",
      region: "eu",
      maxPriceMicroUsdPerGpuHour: "1000000",
      minReliability: "0.99",
      verified: "true",
    },
  ],
  ["", {}],
  ["price<1", { maxPriceMicroUsdPerGpuHour: "999999" }],
  ["price > $0.25", { minPriceMicroUsdPerGpuHour: "250001" }],
  ["vram=80gb", { minVramMib: "81920", maxVramMib: "81920" }],
  ["vram>=40960mib disk>=1.5tb", { minVramMib: "40960", minDiskFreeMib: "1572864" }],
  ["country in [de, NO]", { country: "DE,NO" }],
  ["country not in [DE] region != asia", { notCountry: "DE", notRegion: "asia" }],
  ["country=DE, NO verified", { country: "DE,NO", verified: "true" }],
  ["!simulated verified=no bookable!=false", { simulated: "false", verified: "false", bookable: "true" }],
  ['gpu="NVIDIA A100 80GB"', { gpuModel: "a100-80gb" }],
  ["A100 40GB country=DE", { gpuModel: "a100-40gb", country: "DE" }],
  ["rtx 4090 verified", { gpuModel: "rtx-4090", verified: "true" }],
  ["reliability>99%", { minReliability: "0.990001" }],
  [
    "duration=2h cuda>=12.4 driver<550.54.15",
    { durationSeconds: "7200", minCudaVersion: "12.4", maxDriverVersion: "550.54.14" },
  ],
  ["up>=1gbps down>=500mbps", { minUpMbps: "1000", minDownMbps: "500" }],
  ["near=no sort=-reliability", { near: "NO", sort: "reliability" }],
  [
    "gpu_name==RTX_4090 num_gpus=4 dph<0.5",
    { gpuModel: "rtx-4090", minGpus: "4", maxPriceMicroUsdPerGpuHour: "124999" },
  ],
  ["gpu=8xA100", { gpuModel: "a100", gpuCount: "8" }],
  ["A100:8 country=DE", { gpuModel: "a100", gpuCount: "8", country: "DE" }],
  ["count=8 8 x A100-80", { gpuModel: "a100-80gb", gpuCount: "8" }],
  ["gpu_8x_a100_80gb_sxm4 verified", { gpuModel: "a100-80gb", gpuCount: "8", verified: "true" }],
])("%s is read", (text, expected) => {
  expect(wire(text)).toEqual(expected);
});

test.each([
  ["vrma>=40", "vrma", 0, "vram"],
  ["gpu=A100 vram>=forty", "forty", 15, undefined],
  ["region=europe", "europe", 7, "eu"],
  ["country=XX", "XX", 8, undefined],
  ["verifed", "verifed", 0, "verified"],
  ["price<=1.0000001", "1.0000001", 7, undefined],
  ["price<=-1", "-1", 7, undefined],
  ["price<0", "0", 6, undefined],
  ["price<=99999999999", "99999999999", 7, undefined],
  ["count=0", "0", 6, undefined],
  ["count>=8", ">=", 5, undefined],
  ["gpu>A100", ">", 3, undefined],
  ["price<=", "", 7, undefined],
  ["country in DE", "DE", 11, undefined],
  ["country=[DE,NO", "", 14, undefined],
  ['gpu="A100', '"A100', 4, undefined],
  ["country=DE country=NO", "country=NO", 11, undefined],
  ["price<=1 price>2", "price>2", 9, undefined],
  ["price<=1,2", "2", 9, undefined],
  ["!price", "price", 1, "verified"],
  ["verified=maybe", "maybe", 9, undefined],
  ["sort=prise", "prise", 5, "price"],
  ["supplier=nobody", "nobody", 9, undefined],
  ["= 5", "=", 0, undefined],
  ["gpu", "gpu", 0, undefined],
  ["vram=>40", "=>", 4, ">="],
  ["price =< 1", "=<", 6, "<="],
  ["country<>DE", "<>", 7, "!="],
  ["A10O country=DE", "A10O", 0, "a100"],
  ["gpu=8xA100 count=4", "8xA100", 4, undefined],
  ["gpu=8xA100,H100", "8xA100", 4, "a100"],
  ["gpu!=8xA100", "8xA100", 5, "a100"],
])("%s is refused at its word", (text, word, at, closest) => {
  const read = parseQuery(text);
  if (!("unreadable" in read)) throw new Error(`${text} was read`);
  expect([text.slice(read.unreadable.at, read.unreadable.end), read.unreadable.at]).toEqual([word, at]);
  if (closest !== undefined) expect(read.unreadable.closest).toContain(closest);
});

test("a refusal names the place, what was given, what is allowed and the closest words", () => {
  expect(() => readQuery("gpu=A100 vrma>=40")).toThrow(Problem);
  try {
    readQuery("gpu=A100 vrma>=40");
  } catch (error) {
    expect(error).toMatchObject({
      code: "query-unreadable",
      input: { field: "q", given: "vrma", detail: expect.stringContaining("at character 10") },
    });
    expect(error).toMatchObject({
      input: { position: { offset: 9, length: 4 }, closest: ["vram", "ram", "cuda"] },
    });
    expect(error).toMatchObject({ input: { next: expect.stringContaining("Did you mean vram") } });
  }
});

test("bounds that contradict each other are refused as such", () => {
  const read = parseQuery("price>=2 country=DE price<=1");
  expect(read).toMatchObject({
    unreadable: { why: "price>=2.00 and price<=1.00 contradict each other: no price is both", at: 20 },
  });
});

test("what was read says where it names which model", () => {
  const read = parseQuery('country=DE gpu=h100,"NVIDIA A100 80GB"');
  if (!("query" in read)) throw new Error("it can be read");
  expect(read.query.gpuModel).toEqual(["h100-80gb", "a100-80gb"]);
  expect([...read.models].map(([model, { at, end }]) => [model, at, end])).toEqual([
    ["h100-80gb", 15, 19],
    ["a100-80gb", 20, 38],
  ]);
});

test("the mark stands under the word, also in a long query", () => {
  const text = `${"verified ".repeat(1)}vrma>=40`;
  expect(caretLines({ text, at: 9, end: 13 })).toBe("verified vrma>=40\n         ^^^^");
  const long = `${"x".repeat(300)} vrma ${"y".repeat(300)}`;
  const [line = "", mark = ""] = caretLines({ text: long, at: 301, end: 305 }).split("\n");
  expect(line.slice(mark.indexOf("^"), mark.length)).toBe("vrma");
});

test("a query that is too long is refused, and any text is either read or refused", () => {
  expect("unreadable" in parseQuery("x".repeat(LONGEST_QUERY + 1))).toBe(true);
  const pieces = fc.constantFrom(
    "gpu",
    "=",
    "<=",
    "[",
    "]",
    ",",
    "!",
    '"',
    "in",
    "not",
    "A100",
    " ",
    "price",
    "1.0",
    "sort",
    "é",
    "__proto__",
    "constructor",
    "vram",
    "region",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (given) => {
      const read = parseQuery(given);
      if ("unreadable" in read) expect(read.unreadable.end).toBeLessThanOrEqual(given.length);
    }),
    { numRuns: 2000 },
  );
});

/** Any readable query, made field by field of what each field's own table allows. */
const queries = fc
  .tuple(
    ...fields.map((field): fc.Arbitrary<string[]> => {
      if (field.kind === "flag") return fc.constantFrom([], [field.name], [`!${field.name}`]);
      if (field.kind === "amount" || field.kind === "number") {
        const most = field.kind === "amount" ? field.most : field.unit.most;
        const least = field.kind === "amount" ? field.least : 0n;
        const value = fc.bigInt({ min: least, max: most }).map((units) => field.unit.write(units));
        const operator = field.kind === "amount" ? fc.constant("=") : fc.constantFrom("=", "<=", ">=");
        return fc.oneof(
          fc.constant<string[]>([]),
          fc.tuple(operator, value).map(([o, v]) => [`${field.name}${o}${v}`]),
        );
      }
      const samples: Record<string, string[]> = {
        supplier: ["So11111111111111111111111111111111111111112"],
        node: ["nod_0123", "vast:17"],
        source: ["network", "vast.ai"],
      };
      const options = field.word.options.length > 0 ? field.word.options : (samples[field.name] ?? []);
      const one = fc.constantFrom(...options);
      const some =
        field.kind === "word" ? one : fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map(String);
      const operator = field.kind === "word" ? fc.constant("=") : fc.constantFrom("=", "!=");
      return fc.oneof(
        fc.constant<string[]>([]),
        fc.tuple(operator, some).map(([o, v]) => [`${field.name}${o}${v}`]),
      );
    }),
  )
  .map((parts) => parts.flat());

test("the normal form of a query means the query, and is its own normal form", () => {
  fc.assert(
    fc.property(queries, (conditions) => {
      // Ten conditions at most: as many as people type, and short enough to be read.
      const query = readQuery(conditions.slice(0, 10).join("  "));
      const normal = formatQuery(query);
      expect(readQuery(normal)).toEqual(query);
      expect(formatQuery(readQuery(normal))).toBe(normal);
    }),
  );
});

test("the order in which conditions stand does not matter", () => {
  fc.assert(
    fc.property(queries, (conditions) => {
      const some = conditions.slice(0, 8);
      expect(formatQuery(readQuery([...some].reverse().join(" ")))).toBe(
        formatQuery(readQuery(some.join(" "))),
      );
    }),
  );
});

test("the parameters of HTTP and the text are two forms of one query", () => {
  fc.assert(
    fc.property(queries, (conditions) => {
      const query = readQuery(conditions.slice(0, 10).join(" "));
      expect(querySchema.decode(z.encode(querySchema, query))).toEqual(query);
    }),
  );
});

test("a query's parts are its conditions, each a query of its own", () => {
  const parts = queryParts(readQuery("price<=1 gpu=A100 vram=40"));
  expect(parts.map((part) => part.text)).toEqual(["gpu=a100", "vram=40", "price<=1.00"]);
  expect(parts.map((part) => formatQuery(part.query))).toEqual(["gpu=a100", "vram=40", "price<=1.00"]);
});

test("an order alone puts the best first; signs go by value", () => {
  expect(readOrder("price")).toEqual({ key: "price", falling: false });
  expect(readOrder("reliability")).toEqual({ key: "reliability", falling: true });
  expect(readOrder("-price")).toEqual({ key: "price", falling: true });
  expect(readOrder("+reliability")).toEqual({ key: "reliability", falling: false });
  for (const order of orders) expect(readOrder(normalOrder(order))).toEqual(readOrder(order));
});

test("a swapped pair of letters is one mistake, and what begins alike is near", () => {
  expect(closestWords("vrma", ["ram", "vram", "gpu"])[0]).toBe("vram");
  expect(closestWords("rel", ["gpu", "reliability"])[0]).toBe("reliability");
});
