import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startKeeper } from "./keeper.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ionet-keeper-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

test("a network that is ended while it starts says how many processes it had started until then", async () => {
  const chainIsUp = Promise.withResolvers<void>();
  const keeper = startKeeper({
    stateFolder: folder,
    onProgress: ({ part, message }) => {
      if (part === "chain" && message.startsWith("http")) chainIsUp.resolve();
    },
  });
  await Promise.race([chainIsUp.promise, keeper.ready]);
  const stopped = await keeper.stop();
  // The chain and the control plane at least; agents too where it was told late.
  expect(stopped.processes).toBeGreaterThanOrEqual(2);
  expect(stopped.left).toEqual([]);
  await expect(keeper.ready).rejects.toThrow();
}, 60_000);
