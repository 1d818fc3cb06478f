import type { Address, Commitment } from "@solana/kit";
import { readAccount, readAccounts } from "../rpc/account-bytes.ts";
import type { Chain } from "../rpc/connect.ts";
import { ESCROW_PROGRAM } from "./addresses.ts";
import { getEscrowDecoder } from "./generated/accounts/escrow.ts";

/** An escrow, as the chain has it. Amounts in base units of the mint, times in Unix seconds. */
export type EscrowState = {
  address: Address;
  engineer: Address;
  /** NATIVE_SOL where the funds are lamports. */
  mint: Address;
  /** The token account that holds the funds; for SOL the escrow itself. */
  vault: Address;
  /** Gets the accounts' rent when the escrow closes. */
  rentPayer: Address;
  /** May replace ended leases; null: nobody may. */
  delegate: Address | null;
  id: bigint;
  openedSlot: bigint;
  openedAt: number;
  feeBps: number;
  minimumSeconds: number;
  releaseAfterSeconds: number;
  /** How long after the opening its rates hold; for ever where not given. */
  rateValidSeconds?: number;
  /** How many replacements it has room for; none where not given. */
  spareLeases?: number;
  /**
   * stopped: the engineer ended every lease; readings still count for the time before.
   * final: every lease has ended and no reading raises its seconds any more.
   */
  status: "open" | "stopped" | "final";
  deposited: bigint;
  /** Sent to suppliers. */
  paid: bigint;
  /** Sent to the treasury. */
  fees: bigint;
  /** Earned by the treasury, sent or not. */
  feesEarned: bigint;
  refunded: bigint;
  /** The lamports of its account that are no deposit: they go back to the rent payer. */
  rent: bigint;
  /** deposited − paid − fees − refunded. */
  remainder: bigint;
  leases: EscrowLease[];
};

export type EscrowLease = {
  supplier: Address;
  ratePerHour: bigint;
  maxSeconds: number;
  startedAt: number;
  /** Null while it runs. */
  endedAt: number | null;
  /** Delivered and accepted so far. */
  seconds: number;
  /** Earned so far, fee included. */
  gross: bigint;
  /** Sent to the supplier. Less than gross − fee when its account could not take it. */
  paid: bigint;
  /** The fee's part of what was earned. */
  fee: bigint;
  /** Given when another lease of this escrow stands in for it. */
  replaced?: true;
};

const VERSION = 1;
const KIND = 2;
const STATUSES = ["open", "stopped", "final"] as const;
const NOBODY = "11111111111111111111111111111111";

/** Reads the bytes of an escrow account. Throws when they are another version's. */
export function decodeEscrow(address: Address, data: Uint8Array): EscrowState {
  const account = getEscrowDecoder().decode(data);
  if (account.version !== VERSION || account.kind !== KIND) {
    throw new Error(`${address} is no escrow account of version ${VERSION}: update this program`);
  }
  const { engineer, mint, vault, rentPayer, id, openedSlot, feeBps, minimumSeconds } = account;
  const { leaseCount, capacity } = account;
  const { releaseAfterSeconds, deposited, paid, fees, feesEarned, refunded, rent, remainder } = account;
  return {
    ...{ address, engineer, mint, vault, rentPayer, id, openedSlot, feeBps, minimumSeconds },
    ...{ releaseAfterSeconds, deposited, paid, fees, feesEarned, refunded, rent, remainder },
    delegate: account.delegate === NOBODY ? null : account.delegate,
    openedAt: Number(account.openedAt),
    ...(account.rateValidSeconds === 0 ? {} : { rateValidSeconds: account.rateValidSeconds }),
    ...(capacity === leaseCount ? {} : { spareLeases: capacity - leaseCount }),
    status: STATUSES[account.status] ?? "final",
    leases: account.leases.slice(0, leaseCount).map((lease) => ({
      supplier: lease.supplier,
      ratePerHour: lease.ratePerHour,
      maxSeconds: lease.maxSeconds,
      startedAt: Number(lease.startedAt),
      endedAt: lease.endedAt === 0n ? null : Number(lease.endedAt),
      seconds: lease.seconds,
      gross: lease.gross,
      paid: lease.paid,
      fee: lease.fee,
      ...(lease.replaced === 0 ? {} : { replaced: true as const }),
    })),
  };
}

/**
 * An escrow, or null when there is none at the address (never opened, or closed). An endpoint that has not seen the slot
 * `notBefore` is not believed. Throws ChainErrors.
 */
export async function readEscrow(
  chain: Chain,
  address: Address,
  commitment: Commitment,
  notBefore = 0n,
): Promise<EscrowState | null> {
  const account = await readAccount(chain, address, commitment, notBefore);
  return account?.owner === ESCROW_PROGRAM ? decodeEscrow(address, account.data) : null;
}

/** Escrows by their addresses; those that are not there (never opened, or closed) are left out. Throws ChainErrors. */
export async function readEscrows(
  chain: Chain,
  addresses: readonly Address[],
  commitment: Commitment,
  notBefore = 0n,
): Promise<Map<Address, EscrowState>> {
  const accounts = [...(await readAccounts(chain, addresses, commitment, notBefore))];
  const escrows = accounts.filter(([, account]) => account.owner === ESCROW_PROGRAM);
  return new Map(escrows.map(([address, { data }]) => [address, decodeEscrow(address, data)]));
}
