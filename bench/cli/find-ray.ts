import { access, glob } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defaultCacheFolder } from "@ionet/agent";
import { RAY_VERSION } from "@ionet/protocol";

/** The command of the Ray that agents run, where it is prepared already. */
export async function findRay(): Promise<string | undefined> {
  const cwd = defaultCacheFolder(process.env);
  for await (const ready of glob(`ray-${RAY_VERSION}-*/ionet-environment.json`, { cwd })) {
    const ray = join(cwd, dirname(ready), "bin/ray");
    const isThere = await access(ray).then(
      () => true,
      () => false,
    );
    if (isThere) return ray;
  }
  return undefined;
}
