import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClusterId, SignedReading } from "@ionet/protocol";

/**
 * Keeps the newest signed reading of every cluster in the state folder: with it the supplier collects from the escrow,
 * also when the control plane is gone.
 */
export function createReadingKeeper(
  stateFolder: string,
): (readings: readonly SignedReading[]) => Promise<void> {
  const folder = join(stateFolder, "readings");
  const kept = new Map<ClusterId, string>();
  return async (readings) => {
    for (const reading of readings) {
      const text = `${JSON.stringify(reading, null, 2)}\n`;
      if (kept.get(reading.clusterId) === text) continue;
      kept.set(reading.clusterId, text);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${reading.clusterId}.json`);
      await writeFile(`${path}.new`, text, { mode: 0o600 });
      await rename(`${path}.new`, path);
    }
  };
}
