import { expect, test } from "vitest";
import { AllocationBook } from "./book.ts";

test("what is held is not held again, and free again once it is given back", () => {
  const book = new AllocationBook();
  book.hold({ leaseId: "one", slot: 0, gpus: 1n });
  expect(() => book.hold({ leaseId: "two", slot: 0, gpus: 3n })).toThrow("held twice");
  expect(() => book.hold({ leaseId: "one", slot: 1, gpus: 1n })).toThrow("held twice");
  book.hold({ leaseId: "two", slot: 0, gpus: 6n });
  expect([book.heldOn(0), book.isFree(0, 8n), book.isFree(0, 12n)]).toEqual([7n, true, false]);
  book.free("one");
  book.free("one");
  expect([book.heldOn(0), book.holdOf("one"), book.holdOf("two")?.gpus]).toEqual([6n, undefined, 6n]);
});
