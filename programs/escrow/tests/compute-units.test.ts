import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { closeEscrowInstruction } from "@ionet/chain";
import { createKeyPairSignerFromPrivateKeyBytes } from "@solana/kit";
import { expect, it } from "vitest";
import { advance, run } from "./svm.ts";
import { emptyWorld, initialization, lease, open, opening, settle, settlement, type World } from "./world.ts";

const TABLE = new URL("../compute-units.md", import.meta.url);
const COUNTS = [1, 3, 10, 20, 50];

/** The same keys each time: searching for an address costs more or less, depending on the keys. */
function fixedKeys() {
  let next = 0;
  return async () => {
    next++;
    return await createKeyPairSignerFromPrivateKeyBytes(
      new Uint8Array(32).fill(next % 250).fill(next >> 8, 0, 1),
    );
  };
}

async function measure(): Promise<string[]> {
  const world = await emptyWorld(fixedKeys());
  const { svm, upgradeAuthority, stranger, engineer } = world;
  const initialize = await run(svm, upgradeAuthority, [await initialization(world)]);
  const rows = [row("initialise the network", initialize)];
  for (const [position, count] of COUNTS.entries()) {
    const leases = await many(world, count);
    const id = BigInt(position + 1);
    rows.push(
      row(
        `open and fund, ${count}`,
        await run(svm, engineer, [await opening(world, leases, { id: id + 100n })]),
      ),
    );
    const escrow = await open(world, leases, id);
    advance(svm, 600);
    const seconds = (value: number) => leases.map(() => value);
    const first = await settlement(world, escrow, seconds(300));
    rows.push(row(`settle, ${count} paid`, await run(svm, stranger, first), count));
    rows.push(row(`settle again, ${count}, nothing owed`, await run(svm, stranger, first)));
    const settled = await settle(world, escrow, seconds(400), { final: true });
    rows.push(
      row(`close, ${count}`, await run(svm, stranger, [await closeEscrowInstruction({ escrow: settled })])),
    );
  }
  return rows;
}

async function many(world: World, count: number) {
  const leases = [];
  for (let at = 0; at < count; at++) leases.push(await lease(world));
  return leases;
}

function row(
  what: string,
  { computeUnits, bytes }: { computeUnits: number; bytes: number },
  paid?: number,
): string {
  const each = paid === undefined ? "" : Math.round(computeUnits / paid);
  return `| ${what} | ${computeUnits} | ${each} | ${bytes} |`;
}

const HEADER = `# Compute units

Whole transactions on LiteSVM, as tests/compute-units.test.ts measured them; the number is of leases. The 150 units
of the instruction that sets the limit are part of each v0 transaction. Above 1,232 bytes they are transactions v1.
Settling verifies an Ed25519 signature besides: 5,000 lamports, and no compute units. After a change of the program:
\`UPDATE=1 tools/node node_modules/vitest/vitest.mjs run programs/escrow/tests/compute-units\`.

| transaction | compute units | for each paid supplier | bytes |
|---|---:|---:|---:|
`;

it("costs as many compute units as the committed table says", async () => {
  const table = `${HEADER}${(await measure()).join("\n")}\n`;
  if (process.env.UPDATE === "1" || !existsSync(TABLE)) writeFileSync(TABLE, table);
  expect(readFileSync(TABLE, "utf8")).toBe(table);
});
