import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openNodeKey } from "./node-key.ts";
import { takeStateFolder } from "./state-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ionet-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("a state folder is for one agent; the next may have it when the first has left", async () => {
  const first = await takeStateFolder(folder);
  await expect(takeStateFolder(folder)).rejects.toMatchObject({
    code: "agent-already-running",
    message: expect.stringContaining(String(process.pid)),
  });
  await first.release();
  await (await takeStateFolder(folder)).release();
});

it("a state folder that can't be written is said plainly", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(takeStateFolder(join(folder, "file", "state"))).rejects.toMatchObject({
    code: "state-folder-unusable",
  });
});

it("the node's key is made once, is PKCS#8, and only its owner may read it", async () => {
  const made = await openNodeKey(folder);
  const again = await openNodeKey(folder);
  expect(again.publicKey).toBe(made.publicKey);
  expect(Buffer.from(made.publicKey, "base64")).toHaveLength(32);
  const path = join(folder, "node-key.pem");
  expect(readFileSync(path, "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
