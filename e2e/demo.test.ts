import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { identify, type ProcessIdentity, processesOf } from "@ionet/machine";
import { expect, test } from "vitest";
import { z } from "zod";

const root = fileURLToPath(new URL("..", import.meta.url));
const amount = z.string().regex(/^\d+$/).transform(BigInt);
const demoSchema = z.object({
  cluster: z.object({ id: z.string(), nodes: z.number(), suppliers: z.number(), readySeconds: z.number() }),
  job: z.object({
    id: z.string(),
    status: z.literal("SUCCEEDED"),
    result: z.object({ singleProcessMatches: z.literal(true), nodesUsed: z.number() }),
  }),
  payment: z.object({
    mint: z.enum(["USDC", "SOL"]),
    priceSimulated: z.boolean().optional(),
    deposited: amount,
    suppliers: z.array(
      z.object({
        supplier: z.string(),
        kind: z.string(),
        seconds: z.number(),
        paid: amount,
        signature: z.string(),
      }),
    ),
    fee: amount,
    refunded: amount,
  }),
  stages: z.record(z.string(), z.number()),
});

type Run = { code: number | null; stdout: string; stderr: string; left: ProcessIdentity[] };

/** Runs the demo as a person does, and remembers every process that it ever had. */
async function runDemo(
  args: readonly string[],
  onStderr: (text: string, interrupt: () => void, hangUp: () => void) => void = () => {},
) {
  const child = spawn("npm", ["run", "--silent", "demo", "--", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const own = child.pid === undefined ? undefined : identify(child.pid);
  if (own === undefined) throw new Error("npm did not start");
  const seen = new Map<string, ProcessIdentity>();
  const look = () => {
    for (const one of processesOf({ roots: [own, ...seen.values()] }))
      seen.set(`${one.pid} ${one.startTime}`, one);
  };
  const timer = setInterval(look, 250);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    // Ctrl-C reaches the whole foreground group of the terminal.
    onStderr(
      stderr,
      () => process.kill(-own.pid, "SIGINT"),
      () => {
        child.stdout.destroy();
        child.stderr.destroy();
      },
    );
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(timer);
  return { code, stdout, stderr, left: processesOf({ roots: [...seen.values()] }) } satisfies Run;
}

const stateFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("ionet-demo-"));

test.each([
  { pay: "usdc", mint: "USDC", priceSimulated: undefined },
  { pay: "sol", mint: "SOL", priceSimulated: true },
])("the demo paid in $pay rents, runs, settles and leaves nothing behind", async ({ pay, ...currency }) => {
  const before = stateFolders();
  const run = await runDemo(["--json", "--pay", pay]);
  expect(run.stderr.includes("simulated price")).toBe(pay === "sol");
  expect(run.stderr).toContain("simulated");
  expect(run.code, run.stderr).toBe(0);
  const { cluster, job, payment, stages } = demoSchema.parse(JSON.parse(run.stdout));
  expect(cluster).toMatchObject({ nodes: 4 });
  expect(job.result.nodesUsed).toBe(4);
  expect(new Set(payment.suppliers.map(({ supplier }) => supplier)).size).toBeGreaterThanOrEqual(3);
  expect(payment).toMatchObject(currency.priceSimulated === undefined ? { mint: currency.mint } : currency);
  const paid = payment.suppliers.reduce((total, supplier) => total + supplier.paid, 0n);
  expect(payment.deposited).toBe(paid + payment.fee + payment.refunded);
  expect(paid).toBeGreaterThan(0n);
  expect(Object.keys(stages)).toEqual(
    expect.arrayContaining(["environment", "cluster", "job", "settlement"]),
  );
  expect(run.left).toEqual([]);
  expect(stateFolders().filter((name) => !before.includes(name))).toEqual([]);
});

test("Ctrl-C while the cluster forms ends every process and says what was left", async () => {
  const before = stateFolders();
  let interrupted = false;
  const run = await runDemo([], (stderr, interrupt) => {
    if (interrupted || !stderr.includes("preparing")) return;
    interrupted = true;
    interrupt();
  });
  expect(run.code).not.toBe(0);
  expect(run.stderr).toContain('Stopped in the stage "cluster"');
  expect(run.stderr).toContain("nothing is left running");
  expect(run.left).toEqual([]);
  expect(stateFolders().filter((name) => !before.includes(name))).toEqual([]);
});

test("a demo whose output nobody reads any more ends in good order", async () => {
  const before = stateFolders();
  let closed = false;
  const run = await runDemo([], (stderr, _interrupt, hangUp) => {
    if (closed || !stderr.includes("chain ")) return;
    closed = true;
    hangUp();
  });
  expect(closed).toBe(true);
  expect(run.code).not.toBe(0);
  expect(run.left).toEqual([]);
  expect(stateFolders().filter((name) => !before.includes(name))).toEqual([]);
});
