import {
  type Chain,
  ChainError,
  chainTime,
  collectInstruction,
  type EscrowState,
  genesisHash,
  isNative,
  owedTo,
  payableLeases,
  paymentAccountOf,
  type Receipt,
  readEscrow,
  settleInstructions,
} from "@ionet/chain";
import { problem } from "@ionet/protocol";
import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import { type Earned, earnedBy } from "./earned.ts";
import { currencyIn, requireNetwork } from "./find-escrow.ts";
import { chosenAccount, ownAccount, type PaymentAccount } from "./payment-account.ts";
import { type CheckedReading, parseReadingFile, requireReadingOf } from "./reading-file.ts";
import { sendOwn } from "./send-own.ts";

/** What a supplier's own collection did. Amounts in base units of `mint`. */
export type Collected = {
  escrow: Address;
  wallet: Address;
  /** Null when the escrow is closed. */
  mint: Address | null;
  decimals: number;
  /** waiting: it is booked for the wallet and can't be sent to its account now. */
  outcome: "paid" | "nothing-left" | "waiting";
  paid: bigint;
  /** To other suppliers of the same escrow, by the same reading. */
  paidToOthers: bigint;
  /** Booked for the wallet and not sent. */
  waiting: bigint;
  /** Whether the reading was put on the chain by this; "refused": the network takes this meter's word no more. */
  reading: "applied" | "adds-nothing" | "refused";
  destination: Address | null;
  signature: string | null;
  feeLamports: bigint;
  /** What making the wallet's token account cost. */
  rentLamports: bigint;
};

export type CollectOptions = {
  /** Another account to be paid to, of the escrow's currency. */
  destination?: Address;
  signal?: AbortSignal;
};

/**
 * Collects what a signed reading has earned a supplier, straight from the escrow: no control plane takes part. Puts the
 * reading on the chain where it earns anything more, which pays the other suppliers too where their accounts take it, and
 * has what is owed to this wallet sent. Done twice, it pays once.
 *
 * Throws `reading-unusable`, `wrong-network`, `forbidden` (the wallet has no lease there), `account-unavailable`,
 * `wallet-lacks-lamports`, or the chain's own error.
 */
export async function collectByReading(
  chain: Chain,
  signer: TransactionSigner,
  readingFile: string,
  options: CollectOptions = {},
): Promise<Collected> {
  const reading = await parseReadingFile(readingFile);
  await requireReadingOf(await genesisHash(chain), chain.url, reading);
  try {
    return await collectOnce(chain, signer, reading, options);
  } catch (error) {
    // Somebody else's settlement paid it in between: the second look finds what is left.
    if (!(error instanceof ChainError && error.programErrorName === "NothingOwed")) throw error;
    return await collectOnce(chain, signer, reading, options);
  }
}

async function collectOnce(
  chain: Chain,
  signer: TransactionSigner,
  reading: CheckedReading,
  options: CollectOptions,
): Promise<Collected> {
  const escrow = await readEscrow(chain, reading.escrow, "confirmed");
  const nothing = nothingDone(reading, signer.address);
  if (escrow === null) return nothing;
  requireThisOpening(escrow, reading);
  requireSupplier(escrow, signer.address);
  const network = await requireNetwork(chain);
  const currency = currencyIn(network, escrow);
  const known = network.meters.includes(reading.meter);
  const earned: Earned = known
    ? earnedBy(escrow, reading.says, signer.address, await chainTime(chain, "confirmed"))
    : { adds: false, owed: owedTo(escrow, signer.address) };
  const said = known ? (earned.adds ? "applied" : "adds-nothing") : "refused";
  if (!earned.adds && earned.owed === 0n) {
    if (!known) throw meterRefused(reading, network.meters);
    return { ...nothing, ...currency };
  }
  const { mint } = escrow;
  const account =
    options.destination === undefined
      ? await ownAccount(chain, { payer: signer, wallet: signer.address, mint })
      : await chosenAccount(chain, options.destination, mint);
  const collects = account !== null && earned.owed > 0n;
  const instructions: Instruction[] = [];
  if (collects) instructions.push(...account.make);
  if (earned.adds) {
    const payLeases = await leasesOfOthers(chain, escrow, signer.address);
    const { meter, bytes, signature } = reading;
    const { treasury } = network;
    const settle = { escrow, meter, signature, treasury, payLeases, reading: bytes };
    instructions.push(...(await settleInstructions(settle)));
  }
  if (collects) {
    instructions.push(await collectInstruction({ wallet: signer, escrow, destination: account.address }));
  }
  const waiting: Collected = {
    ...{ ...nothing, ...currency },
    ...{ outcome: "waiting", waiting: earned.owed, reading: said },
  };
  if (instructions.length === 0) return waiting;
  const receipt = await sendOwn(chain, signer, instructions, options.signal);
  const { signature, feeLamports } = receipt;
  const sent = { signature, feeLamports, paidToOthers: await othersGot(escrow, signer.address, receipt) };
  if (!collects) return { ...waiting, ...sent, outcome: earned.owed === 0n ? "nothing-left" : "waiting" };
  return {
    ...{ ...waiting, ...sent },
    ...{ outcome: "paid", waiting: 0n },
    paid: got(receipt, account, escrow, signer.address),
    destination: account.address,
    rentLamports: account.rentLamports,
  };
}

const nothingDone = ({ escrow }: CheckedReading, wallet: Address): Collected => ({
  ...{ escrow, wallet, mint: null, decimals: 0, outcome: "nothing-left", reading: "adds-nothing" },
  ...{ paid: 0n, paidToOthers: 0n, waiting: 0n, feeLamports: 0n, rentLamports: 0n },
  ...{ destination: null, signature: null },
});

/** This wallet's own leases are paid by its collection, to the account that it wants. */
async function leasesOfOthers(chain: Chain, escrow: EscrowState, wallet: Address): Promise<number[]> {
  const payable = await payableLeases(chain, escrow, "confirmed");
  return payable.filter((index) => escrow.leases[index]?.supplier !== wallet);
}

/** What the collection brought, from the transaction's own record: what the chain says, not what was computed. */
function got(receipt: Receipt, account: PaymentAccount, { mint }: EscrowState, payer: Address): bigint {
  if (!isNative(mint)) return receipt.tokens.get(account.address) ?? 0n;
  const change = receipt.lamports.get(account.address) ?? 0n;
  return account.address === payer ? change + receipt.feeLamports : change;
}

async function othersGot({ leases, mint }: EscrowState, wallet: Address, receipt: Receipt): Promise<bigint> {
  const others = new Set(leases.map(({ supplier }) => supplier).filter((supplier) => supplier !== wallet));
  const changes = isNative(mint) ? receipt.lamports : receipt.tokens;
  let sum = 0n;
  for (const other of others) sum += changes.get(await paymentAccountOf(other, mint)) ?? 0n;
  return sum;
}

function requireThisOpening({ openedSlot }: EscrowState, { says }: CheckedReading): void {
  if (says.openedSlot === openedSlot) return;
  throw problem("reading-unusable", {
    detail: "the reading is for an earlier escrow of the same address; nothing was sent",
    field: "openedSlot",
    given: String(says.openedSlot),
    allowed: `${openedSlot}, in which this escrow was opened`,
    next: "take the newest reading of this cluster out of the agent's state folder",
  });
}

function requireSupplier({ leases, address }: EscrowState, wallet: Address): void {
  if (leases.some(({ supplier }) => supplier === wallet)) return;
  throw problem("forbidden", {
    detail: `this wallet has no lease in escrow ${address}; nothing was sent`,
    field: "wallet",
    given: wallet,
    allowed: [...new Set(leases.map(({ supplier }) => supplier))].join(", "),
    next: "sign with the supplier's wallet: --keypair FILE",
  });
}

const meterRefused = ({ meter }: CheckedReading, meters: readonly Address[]) =>
  problem("reading-unusable", {
    detail: "the network takes the word of the meter that signed this reading no more; nothing was sent",
    field: "meter",
    given: meter,
    allowed: meters.join(", ") || "none just now",
    next: "use a reading of one of those meters, or agree with the engineer: `ionet escrow agree`",
  });
