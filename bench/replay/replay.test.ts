import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { testOffer } from "@ionet/placement/testing";
import { makeId, microUsdPerGpuHour } from "@ionet/protocol";
import { expect, test } from "vitest";
import { seeded } from "../seeded.ts";
import { comparePolicies } from "./compare-policies.ts";
import { drawWishes, type TraceDemand } from "./make-wishes.ts";
import { policies, severalNodes } from "./policies.ts";
import { replay } from "./replay.ts";
import { Timeline } from "./timeline.ts";

/** Nodes of so many T4s at so many cents an hour. */
const cluster = (...nodes: readonly [gpus: number, cents: number][]) =>
  nodes.map(([gpus, cents], index) =>
    testOffer({
      nodeId: makeId("node", new Uint8Array(20).fill(index)),
      gpuModel: "t4",
      gpusFree: gpus,
      priceMicroUsdPerGpuHour: microUsdPerGpuHour(10_000n * BigInt(cents)),
    }),
  );
const wish = (of: Partial<TraceDemand>): TraceDemand => ({
  at: 0,
  gpus: 1,
  milliGpus: 1000,
  runSeconds: 3600,
  waitSeconds: 1_000_000,
  models: null,
  ...of,
});
const run = (
  name: string,
  offers: ReturnType<typeof cluster>,
  wishes: readonly TraceDemand[],
  until = 3600,
) => {
  const policy = [...policies, severalNodes].find((one) => one.name === name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return replay(offers, wishes, policy, { from: 0, until });
};

test("the market takes the cheapest node, first-fit the first, best-fit the one that is left fullest", () => {
  const offers = cluster([8, 50], [4, 80], [8, 20]);
  const cost = (name: string) => Number(run(name, offers, [wish({})]).costMicroUsd) / 10_000;
  expect(cost("ionet")).toBe(20);
  expect(cost("first-fit")).toBe(50);
  expect(cost("best-fit")).toBe(80);
});

test("the market asks every model that could be cheaper, not only the one with the cheapest GPU", () => {
  const dear = cluster([1, 10], [2, 50]);
  const cheap = testOffer({
    nodeId: makeId("node", new Uint8Array(20).fill(9)),
    gpuModel: "a10",
    gpusFree: 2,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(200_000n),
  });
  expect(run("ionet", [...dear, cheap], [wish({ gpus: 2 })]).costMicroUsd).toBe(400_000n);
});

test("a demand runs on one node, and on several only where the market may join them", () => {
  const offers = cluster([4, 50], [4, 80]);
  const gang = [wish({ gpus: 8 })];
  for (const name of ["ionet", "first-fit", "best-fit"])
    expect(run(name, offers, gang)).toMatchObject({ started: 0, impossible: 1 });
  expect(run("ionet, several nodes", offers, gang)).toMatchObject({ started: 1, impossible: 0 });
});

test("demands are served in the order they come: a gang that waits is not overtaken", () => {
  const offers = cluster([4, 50]);
  const { waits } = run("first-fit", offers, [
    wish({ gpus: 2, runSeconds: 100 }),
    wish({ at: 10, gpus: 4, runSeconds: 50 }),
    wish({ at: 20, gpus: 1, runSeconds: 50 }),
  ]);
  expect(waits).toEqual([0, 90, 130]);
});

test("who has waited too long gives up, and those behind it go on", () => {
  const offers = cluster([4, 50]);
  const outcome = run("best-fit", offers, [
    wish({ gpus: 2, runSeconds: 1000 }),
    wish({ at: 10, gpus: 4, waitSeconds: 30 }),
    wish({ at: 20, gpus: 2 }),
  ]);
  expect(outcome).toMatchObject({ started: 2, gaveUp: 1, waits: [0, 20] });
});

test("a demand that names models gets one of them, or nothing", () => {
  const offers = [
    ...cluster([8, 10]),
    testOffer({ nodeId: makeId("node", new Uint8Array(20).fill(9)), gpuModel: "a10" }),
  ];
  const named = [wish({ models: ["a10", "l4"] }), wish({ models: ["h100-80gb"] })];
  for (const { name } of [...policies, severalNodes]) {
    const outcome = run(name, offers, named);
    expect(outcome).toMatchObject({ started: 1, impossible: 1, costMicroUsd: 400_000n });
  }
});

test("only what runs within the measured time costs", () => {
  const offers = cluster([4, 100]);
  const long = wish({ at: 1800, gpus: 2, runSeconds: 1_000_000 });
  expect(run("ionet", offers, [long]).costMicroUsd).toBe(1_000_000n);
  expect(run("ionet", offers, [wish({ gpus: 4 }), long]).costMicroUsd).toBe(4_000_000n);
});

test("utilisation, and GPUs that the largest demand can't have, are weighed by time", () => {
  // 3 of 8 + 8 + 2 GPUs for half of the time; the node of two could never serve the gang of eight.
  const outcome = run("first-fit", cluster([8, 50], [8, 50], [2, 50]), [
    wish({ gpus: 3, runSeconds: 1800 }),
    wish({ at: 1800, gpus: 8, runSeconds: 1_000_000 }),
  ]);
  const { measure } = outcome;
  expect(measure.utilisation()).toBeCloseTo((3 * 0.5 + 8 * 0.5) / 18);
  expect(measure.fragmentation()).toBeCloseTo((5 * 0.5) / (13 * 0.5 + 8 * 0.5));
  // Half of the demands are of three, half of eight: both lack the node of two, the gang of eight five more GPUs.
  expect(measure.expectedFragmentation()).toBeCloseTo(
    (0.5 * (2 + 0.5 * 5) + 0.5 * 2) / (0.5 * 15 + 0.5 * 10),
  );
});

test("drawn demands ask for as much GPU time as told, within the time", () => {
  const from = [wish({ gpus: 8, runSeconds: 600 }), wish({ runSeconds: 1_000_000 })];
  const drawn = drawWishes(from, { load: 1.3, gpus: 100, seconds: 7200, random: seeded(1) });
  const asked = drawn.reduce((sum, one) => sum + one.gpus * Math.min(one.runSeconds, 7200 - one.at), 0);
  expect(asked / (100 * 7200)).toBeGreaterThanOrEqual(1.3);
  expect(asked / (100 * 7200)).toBeLessThan(1.32);
  expect(drawn.map((one) => one.at)).toEqual(drawn.map((one) => one.at).toSorted((a, b) => a - b));
});

test("under load every policy hires GPUs that are free, and follows every demand to an end", () => {
  const random = seeded(5);
  const offers = cluster([8, 50], [8, 40], [4, 30], [2, 20], [1, 10]);
  const from = [1, 1, 1, 2, 4, 8].map((gpus) => wish({ gpus, runSeconds: 300 * gpus, waitSeconds: 2000 }));
  const wishes = drawWishes(from, { load: 2, gpus: 23, seconds: 20_000, random });
  for (const { name } of [...policies, severalNodes]) {
    // The book throws when a GPU is held twice.
    const { started, gaveUp, impossible, measure } = run(name, offers, wishes, 20_000);
    expect(started + gaveUp + impossible).toBe(wishes.length);
    expect(gaveUp).toBeGreaterThan(0);
    expect(measure.utilisation()).toBeLessThanOrEqual(1);
  }
});

test("a timeline gives what happens in its order, whatever order it was put in", () => {
  const random = seeded(3);
  const timeline = new Timeline<number>();
  const put = Array.from({ length: 500 }, (_, order) => ({ at: random.below(50), order }));
  for (const { at, order } of put) timeline.put(at, order);
  const taken = put.map(() => ({ at: timeline.nextAt(), order: timeline.take() }));
  expect(taken).toEqual(put.toSorted((a, b) => a.at - b.at || a.order - b.order));
  expect(timeline.take()).toBeUndefined();
});

test("the market stands beside first-fit and best-fit and nothing else; what several nodes would bring is told apart", () => {
  const folder = join(import.meta.dirname, "fixture");
  const result = comparePolicies({ folder, pods: undefined, hours: 0.1, loads: [1] });
  for (const run of [result, ...result.loads]) {
    expect(run.policies.map(({ name }) => name)).toEqual(["ionet", "first-fit", "best-fit"]);
    expect(run.severalNodes.name).toBe("ionet, several nodes");
  }
});

test("without a trace it is skipped: a line that says so, or an object, and no failure", () => {
  const main = join(import.meta.dirname, "main.ts");
  const said = (...more: string[]) =>
    execFileSync(process.execPath, [main, "--data", "/nowhere", ...more]).toString();
  expect(said()).toBe("bench replay: skipped, no trace in /nowhere: name its folder with --data DIR\n");
  expect(JSON.parse(said("--json"))).toEqual({ skipped: expect.stringContaining("/nowhere") });
});
