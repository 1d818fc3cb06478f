import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Arrow, arrows, roomOf, rooms, steps } from "./arrows.ts";

const all = arrows(fileURLToPath(new URL("..", import.meta.url)));
const show = (found: Arrow[]) => found.map((arrow) => `${arrow.from} → ${arrow.to}`);
/** Benchmarks, like tests, may look inside. */
const isTest = (file: string) =>
  file.startsWith("bench/") || file.endsWith(".test.ts") || /\/(tests?|testing)\//.test(file);

test("the scan sees the arrows it is there to judge", () => {
  expect(all.length).toBeGreaterThan(100);
  expect(show(all)).toContain("protocol/index.ts → protocol/money.ts");
});

test("a room imports only the rooms it may", () => {
  const broken = all.filter(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)];
    if (here === undefined || there === undefined || here === there || isTest(from)) return false;
    return !(rooms[here] ?? []).includes(there);
  });
  expect(show(broken)).toEqual([]);
});

test("a room is entered by its package name, never by a path into it", () => {
  const broken = all.filter(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)];
    return (
      here !== undefined &&
      there !== undefined &&
      here !== there &&
      !to.startsWith("@ionet/") &&
      !isTest(from)
    );
  });
  expect(show(broken)).toEqual([]);
});

test("a step of the control plane imports earlier steps only", () => {
  const stepOf = (path: string) => steps.indexOf(/^control-plane\/([a-z-]+)\//.exec(path)?.[1] ?? "");
  const broken = all.filter(({ from, to }) => {
    const [here, there] = [stepOf(from), stepOf(to)];
    return here >= 0 && there > here && !isTest(from);
  });
  expect(show(broken)).toEqual([]);
});

test("every folder of the control plane has its place in the flow", () => {
  const folders = new Set(
    all.map(({ from }) => /^control-plane\/([a-z-]+)\//.exec(from)?.[1]).filter((name) => name !== undefined),
  );
  expect([...folders].filter((name) => !steps.includes(name))).toEqual([]);
});

test("only the local network knows LiteSVM", () => {
  const broken = all.filter(
    ({ from, to }) => to === "litesvm" && roomOf(from) !== "local-chain" && !isTest(from),
  );
  expect(show(broken)).toEqual([]);
});
