import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openPglite } from "./open.ts";

const writer = `
  import { sql } from "kysely";
  import { openPglite } from ${JSON.stringify(new URL("./open.ts", import.meta.url).href)};
  const { db } = await openPglite(process.argv[1]);
  for (let i = 0; ; i++) {
    await sql\`insert into accounts values (\${"acc_" + i}, \${"w" + i}, 1)\`.execute(db);
    process.stdout.write(i + "\\n");
  }
`;

test("after kill -9 the folder opens again, with all that was acknowledged", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ionet-crash-"));
  try {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", writer, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let told = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      told += text;
      if (told.includes("\n20\n")) child.kill("SIGKILL");
    });
    await new Promise((resolve) => child.once("close", resolve));
    const acknowledged = told.split("\n").slice(0, -1).length;
    expect(acknowledged).toBeGreaterThanOrEqual(21);

    const { db, close } = await openPglite(folder);
    const { rows } = await sql<{ n: number }>`select count(*) as n from accounts`.execute(db);
    await close();
    expect(rows[0]?.n).toBeGreaterThanOrEqual(acknowledged);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
