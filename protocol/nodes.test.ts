import { describe, expect, test } from "vitest";
import { z } from "zod";
import { apiKeyRequestSchema } from "./accounts.ts";
import { endpoints } from "./endpoints/endpoints.ts";
import { hardwareSchema } from "./nodes.ts";
import { termsSchema } from "./terms.ts";
import { MAX_PRICE, reportedTextSchema, textSchema } from "./wire.ts";

/** The field of the first thing wrong with this input; null when nothing is. */
function wrongIn(schema: z.ZodType, input: unknown): string | null {
  const issue = schema.safeParse(input).error?.issues[0];
  return issue === undefined ? null : issue.path.join(".");
}

const gpu = (index: number, uuid: string, model = "a100-40gb") => ({
  index,
  uuid,
  model,
  name: "NVIDIA A100-SXM4-40GB",
  vramMib: 40_960,
  simulated: true,
});
const hardware = (...gpus: ReturnType<typeof gpu>[]) => ({
  gpus,
  cpus: 8,
  memoryMib: 65_536,
  diskFreeMib: 100_000,
});

test("no two GPUs of a node share an index or a uuid", () => {
  expect(wrongIn(hardwareSchema, hardware(gpu(0, "a"), gpu(1, "b")))).toBeNull();
  expect(wrongIn(hardwareSchema, hardware(gpu(0, "a"), gpu(0, "b")))).toBe("gpus.1.index");
  expect(wrongIn(hardwareSchema, hardware(gpu(0, "a"), gpu(1, "b"), gpu(2, "a")))).toBe("gpus.2.uuid");
});

test("a node asks for something, and for no more than the most there is", () => {
  const asking = (price: bigint) => ({ priceMicroUsdPerGpuHour: price.toString(), country: "DE" });
  for (const price of [1n, MAX_PRICE]) {
    const terms = z.decode(termsSchema, asking(price));
    expect(z.encode(termsSchema, terms)).toMatchObject(asking(price));
  }
  for (const price of [0n, MAX_PRICE + 1n])
    expect(wrongIn(termsSchema, asking(price))).toBe("priceMicroUsdPerGpuHour");
});

const unprintable = {
  NUL: "a\0b",
  "an escape sequence": "\x1b[2Jfree",
  "an eight-bit escape sequence": "\x9b2J",
  "a line break": "a\nb",
  "a line separator": "a\u2028b",
  "a mark that turns the direction of writing": "a\u202eb",
  "half a surrogate pair": "a\ud800",
};

describe.each(Object.entries(unprintable))("text with %s", (_what, text) => {
  test("is refused by its field's name", () => {
    expect(wrongIn(hardwareSchema, hardware(gpu(0, "a", text)))).toBe("gpus.0.model");
    expect(wrongIn(apiKeyRequestSchema, { name: text, scopes: ["jobs"] })).toBe("name");
    expect(wrongIn(endpoints.listNodes.query, { cursor: text })).toBe("cursor");
    expect(wrongIn(endpoints.createQuote.body, { gpuModel: text, gpuCount: 1 })).toBe("gpuModel");
  });

  test("loses that in the words of a program that failed", () => {
    const words = z.decode(reportedTextSchema(500), text);
    expect(wrongIn(textSchema(500), words)).toBeNull();
    expect(words.replaceAll(" ", "")).toMatch(/^[a-z0-9[\]J]+$/i);
    const { gpuProblem } = z.encode(hardwareSchema, { ...hardware(), gpuProblem: text });
    expect(gpuProblem).toBe(words);
  });
});

test("text of any language, with whole surrogate pairs, is text", () => {
  for (const text of ["Größe 40 GB", "東京の計算機", "شبكة", "🚀 A100"])
    expect(wrongIn(textSchema(40), text)).toBeNull();
});
