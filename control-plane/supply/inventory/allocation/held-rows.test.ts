import fc from "fast-check";
import { expect, test } from "vitest";
import { toColumn } from "./gpu-set.ts";
import { HeldRows, type WrittenHold } from "./held-rows.ts";

const hold = (leaseId: string, nodeNumber: number, gpus: bigint): WrittenHold => ({
  ...{ leaseId, reservationId: "r", nodeNumber, gpus },
});

test("each node is written once, with what was held before the group and all that is held after it", () => {
  const rows = new HeldRows();
  const [a, b, c] = [hold("a", 7, 1n), hold("ab", 7, 2n), hold("c", 9, 1n)];
  expect(
    rows.change([
      { freed: [], holds: [a, c] },
      { freed: [], holds: [b] },
    ]),
  ).toEqual([
    { nodeNumber: 7, before: 0n, after: 3n, holds: "a:r:1 ab:r:2" },
    { nodeNumber: 9, before: 0n, after: 1n, holds: "c:r:1" },
  ]);
  const again = hold("d", 7, 1n);
  expect(
    rows.change([
      { freed: [a], holds: [] },
      { freed: [a], holds: [again] },
    ]),
  ).toEqual([{ nodeNumber: 7, before: 3n, after: 3n, holds: "ab:r:2 d:r:1" }]);
  expect(rows.change([{ freed: [again, b, c], holds: [] }])).toEqual([
    { nodeNumber: 7, before: 3n, after: 0n, holds: "" },
    { nodeNumber: 9, before: 1n, after: 0n, holds: "" },
  ]);
});

test("what was freed before, or never written, is not freed from whom has its GPUs now", () => {
  const rows = new HeldRows();
  rows.read(1, 2n, "b:r:2");
  const [a, b, c] = [hold("a", 1, 1n), hold("b", 1, 2n), hold("c", 1, 2n)];
  const changes = [
    { freed: [b], holds: [c] },
    { freed: [a, b], holds: [] },
  ];
  expect(rows.change(changes)).toEqual([{ nodeNumber: 1, before: 2n, after: 2n, holds: "c:r:2" }]);
});

test("a GPU is not written twice", () => {
  const rows = new HeldRows();
  rows.read(1, 3n, "a:r:1 b:r:2");
  expect(() => rows.change([{ freed: [], holds: [hold("c", 1, 6n)] }])).toThrow("held twice");
});

test("after any groups the rows say what is held, and are read as they were written", () => {
  const nodeNumber = fc.integer({ min: 0, max: 3 });
  const bit = fc.integer({ min: 0, max: 63 });
  const groups = fc.array(fc.array(fc.tuple(nodeNumber, bit), { minLength: 1, maxLength: 8 }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(groups, (steps) => {
      const rows = new HeldRows();
      const written = new Map<number, { after: bigint; holds: string }>();
      const held = new Map<string, WrittenHold>();
      for (const step of steps) {
        // Who holds it already gives it back.
        const changes = step.map(([nodeNumber, bit]) => {
          const one = hold(`l${nodeNumber}.${bit}`, nodeNumber, 1n << BigInt(bit));
          const freed = held.delete(one.leaseId);
          if (!freed) held.set(one.leaseId, one);
          return freed ? { freed: [one], holds: [] } : { freed: [], holds: [one] };
        });
        for (const row of rows.change(changes)) {
          expect(row.before).toBe(written.get(row.nodeNumber)?.after ?? 0n);
          written.set(row.nodeNumber, row);
        }
      }
      const again = new HeldRows();
      const read = [...written].flatMap(([nodeNumber, { after, holds }]) =>
        holds === "" ? [] : again.read(nodeNumber, BigInt.asUintN(64, BigInt(toColumn(after))), holds),
      );
      const order = (holds: Iterable<WrittenHold>) =>
        [...holds].sort((a, b) => (a.leaseId < b.leaseId ? -1 : 1));
      expect(order(read)).toEqual(order(held.values()));
    }),
  );
});
