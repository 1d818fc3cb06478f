import { expect, test } from "vitest";
import { HeldGpus } from "./held-gpus.ts";

test("what is held is not held again, and free again once it is given back", () => {
  const heldGpus = new HeldGpus();
  heldGpus.hold({ leaseId: "one", nodeNumber: 0, gpus: 1n });
  expect(() => heldGpus.hold({ leaseId: "two", nodeNumber: 0, gpus: 3n })).toThrow("held twice");
  expect(() => heldGpus.hold({ leaseId: "one", nodeNumber: 1, gpus: 1n })).toThrow("held twice");
  heldGpus.hold({ leaseId: "two", nodeNumber: 0, gpus: 6n });
  expect([heldGpus.heldOn(0), heldGpus.isFree(0, 8n), heldGpus.isFree(0, 12n)]).toEqual([7n, true, false]);
  heldGpus.free("one");
  heldGpus.free("one");
  expect([heldGpus.heldOn(0), heldGpus.holdOf("one"), heldGpus.holdOf("two")?.gpus]).toEqual([
    6n,
    undefined,
    6n,
  ]);
});
