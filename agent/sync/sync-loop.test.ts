import { createServer } from "node:net";
import { SYNC_PROTOCOL } from "@ionet/protocol";
import { expect, it } from "vitest";
import { backoffMs, chanceOf } from "./backoff.ts";
import { postJson, Refusal, Unreachable } from "./control-plane-client.ts";
import { startSync } from "./sync-loop.ts";

const desired = { protocol: SYNC_PROTOCOL, version: "v1", leases: [], readings: [] };
const observation = {
  protocol: SYNC_PROTOCOL,
  agentVersion: "test",
  hardware: { gpus: [], cpus: 1, memoryMib: 1, diskFreeMib: 1 },
  terms: null,
  readiness: {
    environment: "ready" as const,
    sandbox: "none" as const,
    confinement: "loopback" as const,
    address: "127.0.0.2",
  },
  leases: [],
  desiredVersion: null,
};

it("pauses double from a quarter of a second to fifteen, and spread over their second half", () => {
  expect([1, 2, 3, 4, 7, 8, 100].map((failures) => backoffMs(failures, 1))).toEqual([
    250, 500, 1000, 2000, 15_000, 15_000, 15_000,
  ]);
  expect(backoffMs(3, 0)).toBe(500);
  expect([chanceOf(new Uint8Array([0, 0])), chanceOf(new Uint8Array([128, 0]))]).toEqual([0, 0.5]);
});

/** A port that nobody listens on. */
const closedPort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

it("a control plane that is not there is unreachable, in words that name it", async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const error = await postJson({ url, path: "/v1/sync", body: "{}" }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Unreachable);
  expect(String(error)).toContain(url);
  expect(String(error)).toContain("ECONNREFUSED");
});

it("the loop outlives a control plane that is gone, says so once, and goes on when it is back", async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const words: string[] = [];
  const log = {
    info: (_context: object, message: string) => void words.push(message),
    warn: (_context: object, message: string) => void words.push(message),
    error: (_context: object, message: string) => void words.push(message),
  };
  let tries = 0;
  let nowMs = 1_000;
  const answered = new Promise<void>((resolve) => {
    const sync = startSync({
      open: async () => ({
        sessionId: "s",
        sign: () => ({ "content-digest": "", "signature-input": "", signature: "" }),
        sync: async () => {
          tries++;
          nowMs += 1_000;
          if (tries <= 3) await postJson({ url, path: "/v1/sync", body: "{}" });
          return desired;
        },
      }),
      observe: () => observation,
      apply: () => {
        expect(sync.lastHeardMs()).toBe(nowMs);
        void sync.stop();
        resolve();
      },
      clock: { now: () => nowMs },
      random: { bytes: () => new Uint8Array(2) },
      log,
    });
    expect(sync.lastHeardMs()).toBe(1_000);
  });
  await answered;
  expect(tries).toBe(4);
  expect(words).toEqual([
    "the control plane does not answer; leases go on meanwhile",
    "the control plane answers again",
  ]);
});

it("a refused session is opened anew, the first time without a pause", async () => {
  let opened = 0;
  const pauses: number[] = [];
  await new Promise<void>((resolve) => {
    const sync = startSync({
      open: async () => {
        opened++;
        const mine = opened;
        return {
          sessionId: String(mine),
          sign: () => ({ "content-digest": "", "signature-input": "", signature: "" }),
          sync: async () => {
            if (mine === 1) {
              throw new Refusal({ code: "session-unknown", status: 401, detail: "gone", next: "again" });
            }
            return desired;
          },
        };
      },
      observe: () => observation,
      apply: () => {
        void sync.stop();
        resolve();
      },
      clock: { now: () => 1 },
      random: { bytes: () => new Uint8Array(2) },
      log: { info: () => {}, warn: () => void pauses.push(1), error: () => {} },
    });
  });
  expect(opened).toBe(2);
  expect(pauses).toEqual([]);
});
