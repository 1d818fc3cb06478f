import { makeId } from "@ionet/protocol";
import { expect, test } from "vitest";
import type { EscrowRecord } from "../../escrows/model.ts";
import { termsOf } from "./terms.ts";

const leaseId = (index: number) => makeId("lease", new Uint8Array(20).fill(index));
const escrow = {
  address: "escrow",
  state: "funded",
  leases: [0, 1].map((index) => ({
    leaseId: leaseId(index),
    supplier: `supplier ${index}`,
    maxSeconds: 600,
  })),
} as EscrowRecord;
const closed = {
  read: [90, 70],
  recorded: [] as number[],
  budgets: new Map([[leaseId(1), 900]]),
  treasury: "treasury",
};
const budgetsOf = (of: EscrowRecord, more: Partial<typeof closed> = {}) =>
  termsOf(of, { ...closed, ...more }).terms.leases.map(({ maxSeconds }) => maxSeconds);

test("a closed escrow's leases have the budgets that top-ups have brought, and what was agreed on beyond them", () => {
  expect(budgetsOf(escrow)).toEqual([600, 900]);
  expect(budgetsOf(escrow, { recorded: [700, 700] })).toEqual([700, 900]);
});

test("it paid for the newest reading or what was agreed on beyond it, else for what was paid while it was open", () => {
  expect(termsOf(escrow, closed).candidates).toEqual([[90, 70], []]);
  const agreed = { ...closed, recorded: [80, 95] };
  expect(termsOf(escrow, agreed).candidates).toEqual([
    [90, 95],
    [80, 95],
  ]);
});

test("a refused escrow pays for no lease", () => {
  expect(budgetsOf({ ...escrow, state: "refused" })).toEqual([]);
});
