import { readFileSync } from "node:fs";
import { AccountRole, generateKeyPairSigner, type Instruction, type KeyPairSigner } from "@solana/kit";
import { run } from "../../../testing/run.ts";
import { advance } from "../../../testing/svm.ts";
import { escrowOf, lease, newWorld, open, settlement, tokensOf, type World } from "../world.ts";
import { settlementsPerSecond } from "./throughput.ts";

const COUNTS = [1, 2, 3, 5, 10, 20, 30, 40, 50];
/** What every signature of a transaction costs, the precompile's included. */
const LAMPORTS_PER_SIGNATURE = 5_000;
const SIGNATURES = 2;
const DESTINATIONS_AT = 6;
const PEER = new URL("one-call-each.so", import.meta.url);

export type SettleBenchmark = {
  /** Compute units of the whole transaction by the number of suppliers it pays; `n` payouts and the fee. */
  suppliers: { n: number; cuPerPayout: number; cuPerPayoutByCpi: number }[];
  payoutsPerTransaction: number;
  /** Fees without any priority. */
  lamportsPerPayout: number;
  /** Settlements confirmed by a local network through chain/, one process each. */
  transactionsPerSecond: number;
};

/** Measures what a settlement costs, beside the same program with one TransferChecked call a supplier. */
export async function benchSettle(): Promise<{ result: SettleBenchmark; text: string }> {
  const [batched, byCpi] = [await newWorld(), await newWorld(generateKeyPairSigner, readFileSync(PEER))];
  const suppliers: SettleBenchmark["suppliers"] = [];
  for (const n of COUNTS) {
    suppliers.push({
      n,
      cuPerPayout: Math.round((await units(batched, n)) / n),
      cuPerPayoutByCpi: Math.round((await units(byCpi, n, withMint)) / n),
    });
  }
  const payoutsPerTransaction = Math.max(...suppliers.map(({ n }) => n));
  const result: SettleBenchmark = {
    suppliers,
    payoutsPerTransaction,
    lamportsPerPayout: (SIGNATURES * LAMPORTS_PER_SIGNATURE) / payoutsPerTransaction,
    transactionsPerSecond: await settlementsPerSecond(),
  };
  return { result, text: asText(result) };
}

/** Compute units of one settlement that pays `n` suppliers; throws when one was not paid. */
async function units(
  world: World,
  n: number,
  adapt: (world: World, settle: Instruction) => Instruction = (_world, settle) => settle,
): Promise<number> {
  const leases = [];
  for (let at = 0; at < n; at++) leases.push(await lease(world));
  const escrow = await open(world, leases, BigInt(n));
  advance(world.svm, 600);
  const [verification, settle] = await settlement(
    world,
    escrow,
    leases.map(() => 300),
  );
  if (verification === undefined || settle === undefined) throw new Error("two instructions are needed");
  const payer: KeyPairSigner = world.stranger;
  const { computeUnits } = await run(world.svm, payer, [verification, adapt(world, settle)]);
  for (const { supplier } of leases) {
    if ((await tokensOf(world, supplier)) !== 294_000n) throw new Error(`${supplier} was not paid`);
  }
  if (escrowOf(world, escrow.address).paid !== 294_000n * BigInt(n)) throw new Error("not all were paid");
  return computeUnits;
}

/** The peer needs the mint. */
function withMint(world: World, settle: Instruction): Instruction {
  const accounts = [...(settle.accounts ?? [])];
  accounts.splice(DESTINATIONS_AT, 0, { address: world.usdc, role: AccountRole.READONLY });
  return { ...settle, accounts };
}

function asText(result: SettleBenchmark): string {
  const rows = result.suppliers.map(({ n, cuPerPayout, cuPerPayoutByCpi }) => {
    const share = (cuPerPayout / cuPerPayoutByCpi).toFixed(2);
    return `${String(n).padStart(9)}  ${String(cuPerPayout).padStart(13)}  ${String(cuPerPayoutByCpi).padStart(20)}  ${share.padStart(5)}`;
  });
  return [
    "suppliers  CU per payout  CU with a call each  share",
    ...rows,
    `${result.payoutsPerTransaction} payouts in one transaction with a signed reading, ${result.lamportsPerPayout} lamports each;`,
    `${result.transactionsPerSecond} transactions a second through chain/ and a local network`,
  ].join("\n");
}
