import { expect, test } from "vitest";
import { NumberColumn } from "../columns/number-column.ts";
import { KNOWN_MOST, UNKNOWN } from "../columns/uppers.ts";
import { seededRandom } from "../testing/offers.ts";
import { addRow, type Bits, BLOCK_ROWS, blockOf, dropRow, type Rows } from "./bits.ts";
import { RowMemory } from "./row-memory.ts";
import { RowSum } from "./row-sum.ts";

/* The kernels against plain loops over sets of row numbers. */

const BLOCKS = 6;
const ROWS = BLOCKS * BLOCK_ROWS;
const everyRow = Array.from({ length: ROWS }, (_, row) => row);
const allBlocks = Array.from({ length: BLOCKS }, (_, block) => block);
/** None, the first, the last, all, and some in no order. */
const scopes = [[], [0], [BLOCKS - 1], allBlocks, [4, 1, 3]];

function setOf(memory: RowMemory, has: (row: number) => boolean): Bits {
  const bits = memory.bits();
  for (const row of everyRow) if (has(row)) addRow(bits, row);
  return bits;
}

function rowsOf(memory: RowMemory, bits: Bits, scope: readonly number[]): Rows {
  const rows = memory.borrow(bits);
  rows.scope.set(scope);
  rows.blocks = scope.length;
  return rows;
}

const has = (bits: Bits, row: number) => (((bits[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
const scopeOf = (rows: Rows) => [...rows.scope.subarray(0, rows.blocks)];
/** The rows in the scope's blocks, in the scope's order. */
const listed = (bits: Bits, scope: readonly number[]) =>
  scope.flatMap((block) => everyRow.filter((row) => blockOf(row) === block && has(bits, row)));

/** What is kept are these rows, in a scope without blocks that have none; the set they come from is as it was. */
function expectKept(rows: Rows, expected: readonly number[], from: Bits, before: Bits): void {
  expect(listed(rows.bits, scopeOf(rows))).toEqual(expected);
  expect(scopeOf(rows)).toEqual([...new Set(expected.map(blockOf))]);
  expect(from).toEqual(before);
}

test.each(scopes.map((scope) => [scope]))(
  "rows are kept that are in another set, in any of several, or in none, in the blocks %j",
  (scope) => {
    const next = seededRandom(1 + scope.length);
    const memory = new RowMemory(ROWS);
    // The second block has nothing in common with others.
    const some = () => setOf(memory, (row) => blockOf(row) !== 1 && next() < 0.4);
    const [from, only, none] = [setOf(memory, () => next() < 0.5), some(), memory.bits()];
    const before = from.slice();
    const within = listed(from, scope);
    for (const count of [0, 1, 2, 3, 4, 5, 70]) {
      const sets = Array.from({ length: count }, some);
      const inAny = (row: number) => sets.some((set) => has(set, row));
      for (const asked of [true, false]) {
        const rows = rowsOf(memory, from, scope);
        memory.keepCommonWithAny(rows, sets, asked);
        const expected = within.filter((row) => inAny(row) === asked);
        expectKept(rows, expected, from, before);
        // And once more, of what was kept.
        memory.keepCommon(rows, only, asked);
        expectKept(
          rows,
          expected.filter((row) => has(only, row) === asked),
          from,
          before,
        );
        memory.keepCommon(rows, none);
        expect(rows.blocks).toBe(0);
        memory.giveBack(rows);
      }
    }
  },
);

test("a bound keeps what a plain comparison does: known, unknown and extreme values, in whole blocks and parts", () => {
  const next = seededRandom(5);
  const memory = new RowMemory(ROWS);
  const column = new NumberColumn(memory);
  const extremes = [0, 1, KNOWN_MOST, UNKNOWN, 0x7fff_ffff, 0x8000_0000];
  const values = everyRow.map((row) => {
    const block = blockOf(row);
    if (block === 0) return 500;
    if (block === 1) return UNKNOWN;
    if (block === 2) return 100 + Math.floor(next() * 50);
    return next() < 0.2 ? (extremes[Math.floor(next() * extremes.length)] ?? 0) : Math.floor(next() * 2000);
  });
  for (const row of everyRow) column.set(row, values[row] ?? UNKNOWN);
  const from = setOf(memory, () => next() < 0.6);
  const before = from.slice();
  const bounds = [0, 1, 99, 100, 120, 149, 150, 499, 500, 501, 1999, 0x7fff_ffff, 0x8000_0000, KNOWN_MOST];
  for (const laidOut of [false, true]) {
    if (laidOut) column.layOut(ROWS);
    for (const scope of scopes) {
      for (const least of bounds) {
        for (const most of bounds.filter((bound) => bound >= least)) {
          const rows = rowsOf(memory, from, scope);
          column.keepBlocks(rows, least, most);
          column.keepBetween(rows, least, most);
          const fits = (value: number) => value >= least && value <= most;
          expectKept(
            rows,
            listed(from, scope).filter((row) => fits(values[row] ?? UNKNOWN)),
            from,
            before,
          );
          memory.giveBack(rows);
        }
      }
    }
  }
});

test("rows and the numbers they have are counted and summed, of whole blocks and parts, of small numbers and the largest", () => {
  const next = seededRandom(9);
  const memory = new RowMemory(ROWS);
  const sum = new RowSum(memory);
  const numbers = everyRow.map((row) =>
    blockOf(row) < 3 ? Math.floor(next() * 16) : next() < 0.1 ? 4_294_967_293 : Math.floor(next() * 2 ** 31),
  );
  const live = setOf(memory, (row) => blockOf(row) !== 4 || next() < 0.5);
  for (const row of everyRow) if (has(live, row)) sum.set(row, numbers[row] ?? 0);
  const counts = memory.numbers(Uint32Array, BLOCKS);
  for (const block of allBlocks) counts[block] = listed(live, [block]).length;
  const codes = memory.numbers(Uint16Array, ROWS);
  for (const row of everyRow) codes[row] = row % 11 === 0 ? 0xffff : row % 7;
  const values = memory.numbers(Uint32Array, ROWS);
  values.set(numbers);
  for (const share of [0, 0.01, 0.5, 1]) {
    const part = setOf(memory, (row) => has(live, row) && (blockOf(row) === 2 || next() < share));
    for (const scope of scopes) {
      const rows = rowsOf(memory, part, scope);
      const expected = listed(part, scope);
      const total = (some: readonly number[]) => some.reduce((all, row) => all + (numbers[row] ?? 0), 0);
      expect(sum.tally(rows, counts)).toEqual({ count: expected.length, sum: total(expected) });
      const byCode = memory.sumByCode(rows, codes, values, { known: 5, most: ROWS });
      expect([...byCode]).toEqual(
        [0, 1, 2, 3, 4].map((code) => total(expected.filter((row) => codes[row] === code))),
      );
      memory.giveBack(rows);
    }
  }
});

test("rows that are better than the worst are listed, and none of those that come after it", () => {
  const next = seededRandom(13);
  const memory = new RowMemory(ROWS);
  const [values, prices] = [memory.numbers(Uint32Array, ROWS), memory.numbers(Uint32Array, ROWS)];
  const orders = memory.numbers(Float64Array, ROWS);
  for (const row of everyRow) {
    values[row] = 2 ** 31 + Math.floor(next() * 6);
    prices[row] = Math.floor(next() * 4);
    orders[row] = Math.floor(next() * 4);
  }
  const all = memory.bits().fill(-1);
  const [bits, under] = [setOf(memory, () => next() < 0.5), setOf(memory, () => next() < 0.1)];
  const [within, cheap] = [setOf(memory, () => next() < 0.9), setOf(memory, () => next() < 0.9)];
  for (const block of [0, BLOCKS - 1]) {
    for (const sets of [
      { within, cheap, under },
      { within: all, cheap: all, under: memory.bits() },
    ]) {
      const [least, most] = [2 ** 31 + 1, 2 ** 31 + 4];
      for (const value of [least, most, UNKNOWN]) {
        const worst = { value, price: 2, order: 1 };
        const wanted = { ...sets, values, least, most, prices, orders, worst };
        const inSets = everyRow.filter(
          (row) =>
            blockOf(row) === block &&
            [bits, sets.within, sets.cheap].every((set) => has(set, row)) &&
            !has(sets.under, row),
        );
        expect(memory.countInBlock(block, bits, wanted)).toBe(inSets.length);
        const isBetter = (row: number) => {
          const [own, price, order] = [values[row] ?? 0, prices[row] ?? 0, orders[row] ?? 0];
          if (own < least || own > most) return false;
          return own !== value || price < 2 || (price === 2 && order <= 1);
        };
        expect([...memory.listRows(block, bits, wanted)]).toEqual(inSets.filter(isBetter));
      }
    }
  }
});

test("sets and numbers that are held stay what they are while the memory grows, and go along to a larger one", () => {
  const memory = new RowMemory(ROWS);
  const [bits, numbers] = [memory.bits(), memory.numbers(Uint32Array, ROWS)];
  addRow(bits, ROWS - 1);
  numbers[ROWS - 1] = UNKNOWN;
  const { buffer } = bits;
  for (let i = 0; i < 300; i++) memory.numbers(Float64Array, ROWS);
  expect(memory.bits().buffer.byteLength).toBeGreaterThan(buffer.byteLength);
  // Written by a view from before, read by a kernel and by a view from after.
  addRow(bits, 7);
  dropRow(bits, ROWS - 1);
  const rows = rowsOf(memory, memory.bits().fill(-1), allBlocks);
  memory.keepCommon(rows, bits);
  expect(listed(rows.bits, scopeOf(rows))).toEqual([7]);
  expect(numbers[ROWS - 1]).toBe(UNKNOWN);

  const larger = new RowMemory(2 * ROWS);
  const [grown, more] = [larger.bits(bits), larger.numbers(Uint32Array, 2 * ROWS, numbers)];
  expect([grown.length, more.length]).toEqual([2 * bits.length, 2 * ROWS]);
  expect(grown.subarray(0, bits.length)).toEqual(bits);
  expect(grown.subarray(bits.length).every((word) => word === 0)).toBe(true);
  expect([more[ROWS - 1], more[ROWS]]).toEqual([UNKNOWN, 0]);
});
