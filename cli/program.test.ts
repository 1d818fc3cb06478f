import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { commands } from "./command-table.ts";
import { silentTerminal as terminal } from "./testing/silent-terminal.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const LISTEN = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  import { appendFileSync } from "node:fs";
  registerHooks({ load(url, context, next) { appendFileSync(3, url + "\\n"); return next(url, context); } });
`)}`;

/** The modules that a command reads, as paths. */
const readBy = (...words: string[]) =>
  new Promise<string[]>((resolve) =>
    execFile(
      "sh",
      ["-c", 'exec "$0" "$@" 3>&1 >/dev/null', process.execPath, "--import", LISTEN, MAIN, ...words],
      {},
      (_, stdout) => resolve(stdout.split("\n").filter((url) => url.startsWith("file:"))),
    ),
  );
const beyond = (modules: readonly string[], allowed: RegExp) =>
  modules.filter((module) => !allowed.test(module));

test("the help reads no command, no room beside the CLI but the machine, and no package but the one that reads the command line", async () => {
  const modules = await readBy("help");
  expect(modules.length).toBeGreaterThan(3);
  expect(beyond(modules, /\/(cli|machine)\/[a-z-]+\.ts$|\/protocol\/error-text\.ts$|\/commander\//)).toEqual(
    [],
  );
});

test.each(commands)("$name is listed with its own name and aliases", async ({ name, load }) => {
  expect((await load())(terminal).name()).toBe(name);
});
