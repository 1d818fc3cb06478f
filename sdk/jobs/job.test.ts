import { createServer, type Server } from "node:http";
import { Problem, problem } from "@ionet/protocol";
import { afterEach, expect, test } from "vitest";
import { readJob, stopJob } from "./job.ts";
import { readLogs } from "./job-output.ts";
import type { RayAddress } from "./ray-request.ts";

let server: Server | undefined;
afterEach(() => new Promise<void>((closed) => (server ? server.close(() => closed()) : closed())));

type Answer = { status: number; body: string };

/** Ray's Jobs API with these jobs, as far as it is asked; it answers for any other as it was seen to. */
async function rayWith(jobs: readonly string[], missing: Answer): Promise<RayAddress> {
  const list = jobs.map((submission_id) => ({
    submission_id,
    status: "RUNNING",
    entrypoint: "python main.py",
  }));
  server = createServer((request, response) => {
    const answer = request.url === "/api/jobs/" ? { status: 200, body: JSON.stringify(list) } : missing;
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { jobsAddress: `http://127.0.0.1:${address.port}`, token: "token" };
}

test.each([
  ["readLogs", readLogs],
  ["readJob", readJob],
  ["stopJob", stopJob],
])("%s of a job that the cluster does not have names it and those that it has", async (_name, ask) => {
  const at = await rayWith(["one", "two"], { status: 404, body: "Job nosuch does not exist" });
  await expect(ask(at, "nosuch")).rejects.toMatchObject({
    code: "not-found",
    input: { field: "job", given: "nosuch", allowed: "one, two" },
  });
});

test("of many jobs ten are named, and of none it is said", async () => {
  const missing = { status: 404, body: "Job nosuch does not exist" };
  const many = Array.from({ length: 12 }, (_, index) => `job-${index}`);
  await expect(readLogs(await rayWith(many, missing), "nosuch")).rejects.toMatchObject({
    input: { allowed: expect.stringMatching(/^job-0, .*job-9 and 2 more$/) },
  });
  server?.close();
  await expect(readLogs(await rayWith([], missing), "nosuch")).rejects.toMatchObject({
    input: { allowed: expect.stringContaining("no jobs yet") },
  });
});

test("the gateway's own refusals stay as they are", async () => {
  const refused = problem("not-found", { detail: "there is no such cluster", next: "List them." });
  const body = JSON.stringify({
    type: "about:blank",
    title: "",
    status: 404,
    code: "not-found",
    ...refused.input,
  });
  const at = await rayWith([], { status: 404, body });
  const error = await readLogs(at, "nosuch").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Problem);
  expect(error).toMatchObject({ input: { detail: "there is no such cluster" } });
});
