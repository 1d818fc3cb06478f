import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { identify, isAlive } from "@ionet/machine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startMember } from "./member.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ionet-member-"));
  await mkdir(join(folder, "logs"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program of the test's own, as a process of a network. */
async function start(code: string) {
  const file = join(folder, "program.ts");
  await writeFile(file, code);
  return startMember({ name: "program", main: relative(root, file), stateFolder: folder });
}

const FOREVER = "setInterval(() => {}, 1000);";
const eventually = async (holds: () => boolean) => {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  return holds();
};

test("a process says when it is ready, ends when it is told to, and all it printed is in its log", async () => {
  const member = await start(`console.error("oops"); process.stdout.write("ready\\nmore\\n"); ${FOREVER}`);
  expect(await member.firstLine).toBe("ready");
  expect(await member.stop()).toEqual({ name: "program", killed: 0, left: [] });
  await expect
    .poll(async () => (await readFile(member.log, "utf8")).trim().split("\n").sort())
    .toEqual(["more", "oops", "ready"]);
});

test("a process that ignores SIGTERM is killed with what it had started", async () => {
  const member = await start(
    `import { spawn } from "node:child_process"; process.on("SIGTERM", () => {});
     const child = spawn("sleep", ["300"], { detached: true }); console.log(child.pid); ${FOREVER}`,
  );
  const child = identify(Number(await member.firstLine));
  expect(child).toBeDefined();
  expect(await member.stop(300)).toMatchObject({ killed: 2, left: [] });
  expect(child && isAlive(child)).toBe(false);
});

test("a process that ends before it is ready is a problem that carries its last words", async () => {
  const member = await start(`console.error("port-taken: 8899 is in use"); process.exit(1);`);
  await expect(member.firstLine).rejects.toMatchObject({
    code: "port-taken",
    message: expect.stringContaining("8899 is in use"),
  });
});

test("when the process that started it is killed, it ends too", async () => {
  const file = join(folder, "parent.ts");
  const child = join(folder, "child.ts");
  await writeFile(child, `console.log("up"); ${FOREVER}`);
  await writeFile(
    file,
    `import { startMember } from ${JSON.stringify(join(root, "cli/network/member.ts"))};
     const member = startMember({ name: "child", main: ${JSON.stringify(relative(root, child))}, stateFolder: ${JSON.stringify(folder)} });
     await member.firstLine; console.log(member.process.pid);`,
  );
  const parent = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once("data", (text) => resolve(Number(text))),
  );
  const member = identify(pid);
  expect(member).toBeDefined();
  parent.kill("SIGKILL");
  expect(await eventually(() => member !== undefined && !isAlive(member))).toBe(true);
});
