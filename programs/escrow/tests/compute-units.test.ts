import { existsSync, readFileSync, writeFileSync } from "node:fs";
import {
  applyParametersInstruction,
  closeEscrowInstruction,
  collectInstruction,
  endLeaseInstruction,
  escrowAddress,
  NATIVE_SOL,
  proposeParametersInstruction,
  registerSupplierInstruction,
  replaceLeaseInstruction,
  revokeMeterInstruction,
  setPauseInstruction,
  settleAgreedInstruction,
  stopInstruction,
  topUpCost,
  topUpInstruction,
} from "@ionet/chain";
import { createKeyPairSignerFromPrivateKeyBytes, lamports } from "@solana/kit";
import { expect, it } from "vitest";
import { run } from "../../testing/run.ts";
import { advance } from "../../testing/svm.ts";
import { putTokens, remove } from "../../testing/tokens.ts";
import {
  budgetOf,
  emptyWorld,
  escrowOf,
  initialization,
  lease,
  open,
  opening,
  settle,
  settlement,
  type World,
} from "./world.ts";

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
  return [...rows, ...(await running(world)), ...(await native(world)), ...(await governing(world))];
}

/** What happens to a running escrow of three leases, and of fifty. */
async function running(world: World): Promise<string[]> {
  const { svm, stranger, engineer, delegate } = world;
  const rows: string[] = [];
  const wallet = await world.newSigner();
  const tokens = await putTokens(svm, { mint: world.usdc, wallet: wallet.address });
  await putTokens(svm, { mint: world.usdc, wallet: stranger.address, amount: 10n ** 12n });
  rows.push(
    row(
      "register a supplier",
      await run(svm, stranger, [await registerSupplierInstruction({ payer: stranger, wallet })]),
    ),
  );
  for (const [id, count] of [
    [201n, 3],
    [202n, 50],
  ] as const) {
    const leases = [await lease(world, { supplier: wallet.address }), ...(await many(world, count - 2))];
    const escrow = await open(world, leases, id, { delegate: delegate.address, spareLeases: 1 });
    advance(svm, 600);
    const measured = async (what: string, instruction: Parameters<typeof run>[2][number]) =>
      rows.push(row(`${what}, ${count}`, await run(svm, stranger, [instruction])));
    const amount = topUpCost({ escrow, seconds: 60 });
    await measured("top up", await topUpInstruction({ payer: stranger, escrow, seconds: 60, amount }));
    await measured("end one lease", endLeaseInstruction({ signer: delegate, escrow, lease: 1 }));
    const terms = { supplier: wallet.address, ratePerHour: 3_600_000n, maxSeconds: 600 };
    await measured(
      "replace a lease",
      await replaceLeaseInstruction({ delegate, escrow, lease: 1, ...terms }),
    );
    const agreed = { engineer, supplier: wallet, escrow, lease: 0, treasury: world.treasury };
    await measured("settle by agreement", await settleAgreedInstruction({ ...agreed, seconds: 60 }));
    remove(svm, tokens);
    await run(svm, stranger, [await settleAgreedInstruction({ ...agreed, seconds: 120 })]);
    await putTokens(svm, { mint: world.usdc, wallet: wallet.address });
    await measured("collect", await collectInstruction({ wallet, escrow }));
    await measured("stop", await stopInstruction({ engineer, escrow }));
  }
  return rows;
}

/** Escrows in SOL. */
async function native(world: World): Promise<string[]> {
  const { svm, stranger, engineer } = world;
  const rows: string[] = [];
  svm.airdrop(world.treasury, lamports(10n ** 9n));
  for (const [position, count] of COUNTS.entries()) {
    const leases = await many(world, count);
    for (const { supplier } of leases) svm.airdrop(supplier, lamports(10n ** 9n));
    const id = BigInt(301 + position);
    const deposit = budgetOf(leases);
    const opened = await opening(world, leases, { id, deposit, mint: NATIVE_SOL });
    rows.push(row(`open and fund in SOL, ${count}`, await run(svm, engineer, [opened])));
    const escrow = escrowOf(world, await escrowAddress(engineer.address, id));
    advance(svm, 600);
    const paid = await settlement(
      world,
      escrow,
      leases.map(() => 300),
      { final: true },
    );
    rows.push(row(`settle in SOL, ${count} paid`, await run(svm, stranger, paid), count));
    rows.push(
      row(`close in SOL, ${count}`, await run(svm, stranger, [await closeEscrowInstruction({ escrow })])),
    );
  }
  return rows;
}

async function governing(world: World): Promise<string[]> {
  const { svm, stranger, upgradeAuthority: authority, guardianKey: guardian, meter } = world;
  const rows: string[] = [];
  const measured = async (what: string, instruction: Parameters<typeof run>[2][number]) =>
    rows.push(row(what, await run(svm, stranger, [instruction])));
  const parameters = {
    ...{ authority: authority.address, guardian: guardian.address, treasury: world.treasury },
    meters: [meter.address],
    mints: [{ mint: world.usdc, feeBps: 100 }],
  };
  await measured("propose parameters", await proposeParametersInstruction({ authority, parameters }));
  advance(svm, 48 * 3_600);
  await measured("apply parameters", await applyParametersInstruction());
  await measured("pause", await setPauseInstruction({ guardian, paused: true }));
  await measured("revoke a meter", await revokeMeterInstruction({ guardian, meter: meter.address }));
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
