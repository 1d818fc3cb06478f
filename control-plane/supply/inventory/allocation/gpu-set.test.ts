import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countOf,
  fromColumn,
  gpuSetOf,
  indicesOf,
  LARGEST_GPU_INDEX,
  lowestOf,
  toColumn,
} from "./gpu-set.ts";

const indices = fc.uniqueArray(fc.integer({ min: 0, max: LARGEST_GPU_INDEX }), { maxLength: 64 });

test("a set of GPUs is the same after the database, also with the bit that is a sign there", () => {
  fc.assert(
    fc.property(indices, (some) => {
      const set = fromColumn(toColumn(gpuSetOf(some)));
      expect(indicesOf(set)).toEqual(some.toSorted((a, b) => a - b));
      expect(countOf(set)).toBe(some.length);
    }),
  );
  expect(toColumn(gpuSetOf([63]))).toBe("-9223372036854775808");
});

test("the lowest GPUs of a set are its first ones, and no more than it has", () => {
  fc.assert(
    fc.property(indices, fc.integer({ min: 0, max: 70 }), (some, count) => {
      const sorted = some.toSorted((a, b) => a - b);
      expect(indicesOf(lowestOf(gpuSetOf(some), count))).toEqual(sorted.slice(0, count));
    }),
  );
});
