import type { EscrowState } from "@ionet/chain";
import { expect, test } from "vitest";
import { isPaying } from "./stopped-on-chain.ts";

const escrow = { openedSlot: 7n };
const runs = { endedAt: null };
const ended = { endedAt: 1000 };
const open = (...leases: Pick<EscrowState["leases"][number], "endedAt" | "replaced">[]) => ({
  ...{ openedSlot: 7n, status: "open" as const },
  leases,
});

test("an escrow whose ended lease was replaced on the chain goes on; one whose lease was not is stopped", () => {
  expect(isPaying(escrow, open(runs, runs))).toBe(true);
  expect(isPaying(escrow, open({ ...ended, replaced: true }, runs))).toBe(true);
  expect(isPaying(escrow, open(runs, ended))).toBe(false);
  expect(isPaying(escrow, open({ ...ended, replaced: true }, ended))).toBe(false);
});

test("an escrow that is stopped, gone, or another one in its place pays for nothing", () => {
  expect(isPaying(escrow, { ...open(runs), status: "stopped" })).toBe(false);
  expect(isPaying(escrow, { ...open(runs), openedSlot: 8n })).toBe(false);
  expect(isPaying(escrow, undefined)).toBe(false);
});
