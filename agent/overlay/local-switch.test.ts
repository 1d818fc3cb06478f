import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isAlive } from "@ionet/machine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../environment/run-command.ts";
import { detectConfinement } from "./detect-confinement.ts";
import { type LocalSwitch, startLocalSwitch } from "./local-switch.ts";
import { loopbackConfinement } from "./loopback-confinement.ts";
import { namespaceConfinement } from "./namespace-confinement.ts";

const { kind } = await detectConfinement();

/** Without a listener for errors: what nobody listens to would end the tests' process. */
const closed = (connection: Duplex) =>
  connection.closed ? undefined : new Promise<void>((resolve) => connection.once("close", () => resolve()));

/** An echo on port 7000 of the address given to it; ends with its standard input. */
const ECHO = `const s = require("node:net").createServer((c) => { c.on("error", () => c.destroy()); c.write("hello "); c.pipe(c); }); s.listen(7000, process.argv[1], () => console.log("up")); process.stdin.on("end", () => process.exit()).resume();`;

describe.skipIf(kind === "loopback")("a local switch (skipped where no namespaces can be made)", () => {
  let network: LocalSwitch;
  beforeAll(async () => {
    network = await startLocalSwitch({ nodes: 2 });
  });
  afterAll(() => network.stop());

  const member = (index: number) => {
    const found = network.members[index];
    if (!found) throw new Error(`no member ${index}`);
    return namespaceConfinement(found);
  };

  test("its members reach each other, the agent reaches them, and no other network does", async () => {
    const [a, b] = [member(0), member(1)];
    const [program = "", ...parameters] = a.enter([process.execPath, "-e", ECHO, a.address]);
    const echo = spawn(program, parameters, { stdio: ["pipe", "pipe", "inherit"] });
    await once(echo.stdout, "data");

    const connection = await a.connect(7000);
    connection.end("to and back");
    let heard = "";
    for await (const chunk of connection) heard += chunk;
    expect(heard).toBe("hello to and back");
    const fromNeighbour = await b.connect(7000, a.address);
    expect(String((await once(fromNeighbour, "data"))[0])).toBe("hello ");
    fromNeighbour.destroy();

    const dial = `require("node:net").connect(7000, process.argv[1], () => process.exit(0)).on("error", () => process.exit(1))`;
    expect((await runCommand(b.enter([process.execPath, "-e", dial, a.address]))).code).toBe(0);
    const other = await startLocalSwitch({ nodes: 2 });
    const [, stranger] = other.members;
    if (!stranger) throw new Error("no second member");
    const fromOther = await runCommand(
      namespaceConfinement(stranger).enter([process.execPath, "-e", dial, a.address]),
    );
    expect(fromOther.code).toBe(1);
    await other.stop();
    const routes = await runCommand(b.enter(["ip", "route"]));
    expect(routes.stdout).not.toContain("default");

    echo.stdin.end();
    await a.close();
    await b.close();
  });

  test("a connection that is reset before anybody listens to it ends alone", async () => {
    const a = member(0);
    const code = `require("node:net").createServer((c) => setTimeout(() => c.resetAndDestroy(), 200)).listen(7002, process.argv[1], () => console.log("up")); process.stdin.on("end", () => process.exit()).resume();`;
    const [program = "", ...parameters] = a.enter([process.execPath, "-e", code, a.address]);
    const resets = spawn(program, parameters, { stdio: ["pipe", "pipe", "inherit"] });
    await once(resets.stdout, "data");
    await closed(await a.connect(7002));
    resets.stdin.end();
    await a.close();
  });

  test("a port where nobody listens is refused as on any network", async () => {
    const a = member(0);
    await expect(a.connect(7001)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await a.close();
  });

  test("it ends with the process that started it, even one that is killed", async () => {
    const code = `import { startLocalSwitch } from ${JSON.stringify(new URL("./local-switch.ts", import.meta.url).href)};
      console.log(JSON.stringify((await startLocalSwitch({ nodes: 2 })).members));`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(owner.stdout, "data");
    const members = (JSON.parse(String(line)) as { pid: number }[]).flatMap(({ pid }) => identify(pid) ?? []);
    expect(members).toHaveLength(2);
    owner.kill("SIGKILL");
    while (members.some(isAlive)) await sleep(20);
  });
});

test("a switch of no node, or of more than an address block holds, is refused", () => {
  expect(() => startLocalSwitch({ nodes: 0 })).toThrow(/allowed 1 to 200/);
  expect(() => startLocalSwitch({ nodes: 201 })).toThrow(/allowed 1 to 200/);
});

test("without the programs it needs, the confinement is loopback and says what is missing", async () => {
  const run = async () => ({ code: undefined, stdout: "", stderr: "", notStarted: "ENOENT" });
  expect(await detectConfinement({ run })).toEqual({
    kind: "loopback",
    why: expect.stringContaining("unshare (package util-linux)"),
  });
});

test("on loopback a node is reached at its own address", async () => {
  const confinement = loopbackConfinement("127.0.0.9");
  const server = createServer((socket) => socket.end("here")).listen(0, "127.0.0.9");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  let heard = "";
  for await (const chunk of await confinement.connect(address.port)) heard += chunk;
  expect(heard).toBe("here");
  server.close();
});

test("on loopback a connection that is reset before anybody listens to it ends alone", async () => {
  const server = createServer((socket) => setTimeout(() => socket.resetAndDestroy(), 50)).listen(
    0,
    "127.0.0.9",
  );
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  await closed(await loopbackConfinement("127.0.0.9").connect(address.port));
  server.close();
});
