import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTrace, TraceUnreadable } from "./read-trace.ts";
import { factsOf } from "./replay/facts.ts";
import { makeWishes } from "./replay/make-wishes.ts";

const fixture = join(import.meta.dirname, "replay/fixture");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trace-"));
  cpSync(fixture, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

test("nodes get the market's names of their GPUs, and keep the trace's own where the market has none", () => {
  expect(readTrace(fixture).nodes.map((node) => [node.gpus, node.model])).toEqual([
    [0, "unknown"],
    [8, "v100-32gb"],
    [2, "p100"],
    [8, "g2"],
  ]);
});

test("pods become demands of whole GPUs, on the models they can run on; those without GPUs are left out", () => {
  const wishes = makeWishes(readTrace(fixture).pods);
  expect(
    wishes.map(({ at, gpus, milliGpus, runSeconds, models }) => ({
      at,
      gpus,
      milliGpus,
      runSeconds,
      models,
    })),
  ).toEqual([
    { at: 10, gpus: 1, milliGpus: 1000, runSeconds: 1000, models: null },
    { at: 20, gpus: 1, milliGpus: 250, runSeconds: 295, models: ["p100"] },
    { at: 30, gpus: 8, milliGpus: 8000, runSeconds: 999_940, models: ["v100-16gb", "v100-32gb"] },
    // It never ran: as long as the middle one of those that did.
    { at: 40, gpus: 2, milliGpus: 2000, runSeconds: 1000, models: null },
  ]);
});

test("the trace's own figures are counted from its rows", () => {
  const { trace, before } = factsOf(readTrace(fixture));
  expect(trace).toMatchObject({
    nodes: 4,
    nodesWithGpus: 3,
    gpus: 18,
    pods: 5,
    gpuDemands: 4,
    fractional: 1,
  });
  expect(trace).toMatchObject({ withoutGpu: 1, neverScheduled: 1 });
  const all = 18 * (1_000_030 - 10);
  expect(before.gpuUtilisation).toBeCloseTo((1000 + 0.25 * 295 + 8 * 999_940) / all, 5);
  expect(before.gpuUtilisationWhole).toBeCloseTo((1000 + 295 + 8 * 999_940) / all, 5);
  expect(before).toMatchObject({ accepted: 0.75, medianWaitSeconds: 5 });
});

test("of several lists of pods the longest is read, of equal ones the default, and any by its name", () => {
  const titles = "name,num_gpu,gpu_milli,gpu_spec,qos,creation_time,deletion_time,scheduled_time";
  const one = `${titles}\nother,4,1000,,LS,0,10,0\n`;
  writeFileSync(join(folder, "short.csv"), one);
  expect(readTrace(folder).files.pods).toBe("pods.csv");
  expect(readTrace(folder, "short.csv").pods.map((pod) => pod.name)).toEqual(["other"]);
  rmSync(join(folder, "pods.csv"));
  writeFileSync(join(folder, "the_default.csv"), one);
  expect(readTrace(folder).files.pods).toBe("the_default.csv");
});

test("a cell that can't be read is named with its file, line and column", () => {
  writeFileSync(join(folder, "nodes.csv"), "sn,gpu,model\na,8,T4\nb,-1,T4\n");
  expect(() => readTrace(folder)).toThrow(/^nodes\.csv, line 3: gpu is "-1"/);
  writeFileSync(join(folder, "nodes.csv"), 'sn,gpu,model\n"a,8\n');
  expect(() => readTrace(folder)).toThrow(TraceUnreadable);
});

test("a folder without a trace is told what a trace has", () => {
  rmSync(join(folder, "nodes.csv"));
  expect(() => readTrace(folder)).toThrow(/no CSV file with the columns sn, gpu, model/);
});
