import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { problem } from "@ionet/protocol";
import { afterEach, expect, test } from "vitest";
import { followLogs, followOutput } from "./job-output.ts";
import type { RayAddress } from "./ray-request.ts";
import type { UnreadableBytes } from "./utf8-text.ts";

type Log = { from: number; isFollowed: boolean };
type Gateway = {
  status: () => string;
  exitCode?: number;
  log: (log: Log, answer: ServerResponse) => void;
};

let server: Server | undefined;
let sentBytes = 0;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A gateway with one job. */
async function gatewayWith(gateway: Gateway): Promise<RayAddress> {
  sentBytes = 0;
  server = createServer((request: IncomingMessage, answer) => {
    const url = new URL(request.url ?? "", "http://x");
    if (url.pathname.endsWith("/logs")) {
      const from = Number(url.searchParams.get("from"));
      gateway.log({ from, isFollowed: url.searchParams.get("follow") === "true" }, answer);
      return;
    }
    const status = gateway.status();
    answer.end(
      JSON.stringify({
        submission_id: "j",
        status,
        entrypoint: "x",
        driver_exit_code: gateway.exitCode ?? null,
      }),
    );
  });
  server.on("connection", (socket) => {
    socket.on("close", () => {
      sentBytes += socket.bytesWritten;
    });
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { jobsAddress: `http://127.0.0.1:${address.port}`, token: "token" };
}

async function all<Piece, End>(pieces: AsyncGenerator<Piece, End>): Promise<{ pieces: Piece[]; end: End }> {
  const seen: Piece[] = [];
  for (;;) {
    const next = await pieces.next();
    if (next.done) return { pieces: seen, end: next.value };
    seen.push(next.value);
  }
}

test("a follower that is cut off goes on at the byte it has reached, in the middle of a character", async () => {
  const output = Buffer.from("première\nseconde é\n");
  let opened = 0;
  const asked: number[] = [];
  const at = await gatewayWith({
    status: () => (opened > output.length ? "FAILED" : "RUNNING"),
    exitCode: 3,
    log: ({ from }, answer) => {
      asked.push(from);
      opened++;
      // Two bytes, then the connection breaks.
      answer.writeHead(200);
      answer.write(output.subarray(from, from + 2), () => setTimeout(() => answer.destroy(), 5));
      if (from >= output.length) answer.end();
    },
  });
  const lost: string[] = [];
  const patience = { onLost: (problem: { code: string }) => lost.push(problem.code), firstPauseMs: 1 };
  const { pieces, end } = await all(followOutput(at, "j", patience));
  expect(pieces.join("")).toBe(output.toString());
  expect(new Set(lost)).toEqual(new Set(["cluster-unreachable"]));
  expect(asked).toEqual([...new Set(asked)].sort((a, b) => a - b).concat(asked.slice(new Set(asked).size)));
  expect(end).toMatchObject({ status: "FAILED", exitCode: 3 });
});

test("what a job printed last is read after its end was seen", async () => {
  let status = "RUNNING";
  const at = await gatewayWith({
    status: () => status,
    log: ({ from, isFollowed }, answer) => {
      if (isFollowed) {
        status = "SUCCEEDED"; // between the log's pause and the next look
        answer.end("first");
      } else answer.end("first and last".slice(from));
    },
  });
  expect((await all(followOutput(at, "j"))).pieces.join("")).toBe("first and last");
});

test("a long log travels once, and is not held in memory", async () => {
  const piece = Buffer.alloc(64 * 1024, "0123456789abcde\n");
  const count = 6_000;
  const at = await gatewayWith({
    status: () => "SUCCEEDED",
    log: async (_log, answer) => {
      for (let i = 0; i < count; i++) {
        if (!answer.write(piece)) await new Promise((drained) => answer.once("drain", drained));
      }
      answer.end();
    },
  });
  // Long beside what waits for the collector of garbage.
  const before = process.memoryUsage().rss;
  let [characters, mostBytes] = [0, 0];
  for await (const text of followOutput(at, "j")) {
    characters += text.length;
    mostBytes = Math.max(mostBytes, process.memoryUsage().rss - before);
  }
  expect(characters).toBe(count * piece.length);
  expect(mostBytes).toBeLessThan(characters / 1.5);
  server?.closeAllConnections();
  await new Promise((closed) => server?.close(closed));
  expect(sentBytes).toBeLessThan(1.01 * characters);
});

test("bytes that are no UTF-8 are replaced, and told", async () => {
  const at = await gatewayWith({
    status: () => "SUCCEEDED",
    log: (_log, answer) => answer.end(Buffer.from([0x61, 0xff, 0x0a])),
  });
  const told: UnreadableBytes[] = [];
  expect((await all(followLogs(at, "j", { onUnreadable: (bytes) => told.push(bytes) }))).pieces).toEqual([
    "a\ufffd",
  ]);
  expect(told).toEqual([{ count: 1, first: { byte: 0xff, offset: 1 } }]);
});

test("a job's lines come whole, the last one without an end too", async () => {
  const at = await gatewayWith({
    status: () => "SUCCEEDED",
    log: (_log, answer) => answer.end("a\n\nb\r\nc"),
  });
  expect((await all(followLogs(at, "j"))).pieces).toEqual(["a", "", "b\r", "c"]);
});

test("the gateway's refusals end the following in its own words; a moment's faults do not", async () => {
  let asked = 0;
  const at = await gatewayWith({
    status: () => "RUNNING",
    log: (_log, answer) => {
      const refusal =
        ++asked < 3
          ? problem("cluster-unreachable", { detail: "no tunnel", next: "Wait." })
          : problem("cluster-not-running", { detail: "the budget is spent", next: "Rent." });
      answer.writeHead(refusal.details().status).end(JSON.stringify(refusal.details()));
    },
  });
  await expect(all(followOutput(at, "j", { firstPauseMs: 1 }))).rejects.toMatchObject({
    code: "cluster-not-running",
    input: { detail: "the budget is spent" },
  });
  expect(asked).toBe(3);
});

test("a token that has run out is renewed", async () => {
  let isRenewed = false;
  const at = await gatewayWith({
    status: () => "SUCCEEDED",
    log: (_log, answer) => {
      if (isRenewed) answer.end("done\n");
      else {
        const { status, ...details } = problem("unauthenticated", {
          detail: "expired",
          next: "Sign in.",
        }).details();
        answer.writeHead(status).end(JSON.stringify({ status, ...details }));
      }
    },
  });
  const renew = async () => {
    isRenewed = true;
    return at;
  };
  expect((await all(followOutput(at, "j", { renew, firstPauseMs: 1 }))).pieces.join("")).toBe("done\n");
});
