/** `npm run generate` writes all generated files anew; with `-- --check` it compares them with what is committed. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
let failed = false;
for (const script of ["tools/generate-client.ts", "tools/openapi.ts"]) {
  console.error(`generate: ${script}`);
  const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
