import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeReading, encodeReading, type Reading } from "./reading.ts";

const hex = z.string().regex(/^[0-9a-f]*$/);
const vectorSchema = z.strictObject({
  name: z.string(),
  program: hex,
  network: hex,
  chainTag: hex,
  escrow: hex,
  openedSlot: z.string(),
  final: z.boolean(),
  leases: z.array(z.strictObject({ index: z.number(), seconds: z.number() })),
  bytes: hex,
});
const vectorsSchema = z.strictObject({
  readings: z.array(vectorSchema),
  malformed: z.array(z.strictObject({ name: z.string(), bytes: hex })),
});
const file = new URL("vectors/reading.json", import.meta.url);
const vectors = vectorsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

function readingOf(vector: z.infer<typeof vectorSchema>): Reading {
  return {
    program: bytes(vector.program),
    network: bytes(vector.network),
    chainTag: bytes(vector.chainTag),
    escrow: bytes(vector.escrow),
    openedSlot: BigInt(vector.openedSlot),
    final: vector.final,
    leases: vector.leases,
  };
}

describe("a reading's bytes", () => {
  it.each(vectors.readings)("are written and read back as the escrow program reads them: $name", (vector) => {
    const reading = readingOf(vector);
    expect(Buffer.from(encodeReading(reading)).toString("hex")).toBe(vector.bytes);
    expect(decodeReading(bytes(vector.bytes))).toEqual(reading);
  });

  it.each(vectors.malformed)("are refused when they are no reading: $name", (vector) => {
    expect(() => decodeReading(bytes(vector.bytes))).toThrow(RangeError);
  });

  it("are read correctly out of the middle of a larger buffer", () => {
    const [vector] = vectors.readings;
    if (vector === undefined) throw new Error("no vectors");
    const larger = new Uint8Array([9, 9, 9, ...bytes(vector.bytes), 9]);
    expect(decodeReading(larger.subarray(3, -1))).toEqual(readingOf(vector));
  });

  it.each<[string, Partial<Reading>]>([
    ["leases", { leases: [] }],
    ["leases", { leases: Array.from({ length: 51 }, (_, index) => ({ index, seconds: 1 })) }],
    [
      "leases[].index",
      {
        leases: [
          { index: 3, seconds: 1 },
          { index: 3, seconds: 1 },
        ],
      },
    ],
    [
      "leases[].index",
      {
        leases: [
          { index: 4, seconds: 1 },
          { index: 3, seconds: 1 },
        ],
      },
    ],
    ["leases[].index", { leases: [{ index: 50, seconds: 1 }] }],
    ["leases[].seconds", { leases: [{ index: 0, seconds: 2 ** 32 }] }],
    ["leases[].seconds", { leases: [{ index: 0, seconds: 1.5 }] }],
    ["leases[].seconds", { leases: [{ index: 0, seconds: -1 }] }],
    ["openedSlot", { openedSlot: 2n ** 64n }],
    ["escrow", { escrow: new Uint8Array(31) }],
  ])("are not written when %s does not fit", (field, change) => {
    const [vector] = vectors.readings;
    if (vector === undefined) throw new Error("no vectors");
    expect(() => encodeReading({ ...readingOf(vector), ...change })).toThrow(field);
  });
});
