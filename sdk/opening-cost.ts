import { type Chain, escrowBytes, readEscrow, readReceipt, rentExemption } from "@ionet/chain";
import { address, signature } from "@solana/kit";

/** What opening escrows takes beside their deposits, lamports. */
export type OpeningCost = {
  /** Of the escrows' own accounts; it returns when they close. */
  rent: bigint;
  /** Of the transactions. */
  fees: bigint;
};

/** Of a transaction with one signature; the SDK pays nothing for priority (docs: solana.com/docs/core/fees). */
const FEE_LAMPORTS = 5_000n;

/**
 * What a wallet must hold in lamports beside a deposit in SOL: rent and fee of each escrow, and what the runtime lets no
 * wallet fall below. Throws ChainErrors.
 */
export async function lamportsBeside(
  chain: Chain,
  { escrows, leases }: { escrows: number; leases: number },
): Promise<OpeningCost & { kept: bigint }> {
  const kept = await rentExemption(chain, 0n);
  // Rent is linear in bytes and each account has a base of its own: that of an empty one.
  const bytes = escrowBytes(0) * BigInt(escrows - 1) + escrowBytes(leases);
  const rent = (await rentExemption(chain, bytes)) + kept * BigInt(escrows - 1);
  return { rent, fees: FEE_LAMPORTS * BigInt(escrows), kept };
}

/**
 * What these escrows took when they were opened, read from the chain. Those that were there before (no signature) count
 * with their rent only.
 */
export async function readOpeningCost(
  chain: Chain,
  opened: readonly { address: string; signature: string | null }[],
): Promise<OpeningCost> {
  let [rent, fees] = [0n, 0n];
  for (const { address: at, signature: by } of opened) {
    rent += (await readEscrow(chain, address(at), "confirmed"))?.rent ?? 0n;
    if (by !== null) fees += (await readReceipt(chain, signature(by))).feeLamports;
  }
  return { rent, fees };
}
