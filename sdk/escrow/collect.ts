import {
  type Chain,
  ChainError,
  chainTime,
  collectInstruction,
  type EscrowState,
  genesisHash,
  isNative,
  type NetworkState,
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
  /**
   * Whether a reading was put on the chain by this; "refused": the network takes this meter's word no more; "none": there
   * was none to look at.
   */
  reading: "applied" | "adds-nothing" | "refused" | "none";
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
  return await collect(chain, signer, { escrow: reading.escrow, reading }, options);
}

/**
 * Collects what an escrow has booked for a wallet and could not send, without any reading: what engineer and supplier
 * agreed on, or what a settlement skipped. Throws as `collectByReading` does.
 */
export async function collectBooked(
  chain: Chain,
  signer: TransactionSigner,
  escrow: Address,
  options: CollectOptions = {},
): Promise<Collected> {
  return await collect(chain, signer, { escrow, reading: null }, options);
}

type Source = { escrow: Address; reading: CheckedReading | null };

async function collect(
  chain: Chain,
  signer: TransactionSigner,
  source: Source,
  options: CollectOptions,
): Promise<Collected> {
  try {
    return await collectOnce(chain, signer, source, options);
  } catch (error) {
    // Somebody else's settlement paid it in between: the second look finds what is left.
    if (!(error instanceof ChainError && error.programErrorName === "NothingOwed")) throw error;
    return await collectOnce(chain, signer, source, options);
  }
}

async function collectOnce(
  chain: Chain,
  signer: TransactionSigner,
  { escrow: place, reading }: Source,
  options: CollectOptions,
): Promise<Collected> {
  const wallet = signer.address;
  const nothing = nothingDone(place, wallet);
  const escrow = await readEscrow(chain, place, "confirmed");
  if (escrow === null) return nothing;
  if (reading !== null) requireThisOpening(escrow, reading);
  requireSupplier(escrow, wallet);
  const network = await requireNetwork(chain);
  const earned = await earnedOf(chain, escrow, { network, reading, wallet });
  const untouched: Collected = { ...nothing, ...currencyIn(network, escrow), reading: earned.reading };
  if (!earned.adds && earned.owed === 0n) {
    if (reading !== null && earned.reading === "refused") throw meterRefused(reading, network.meters);
    return untouched;
  }
  const account =
    options.destination === undefined
      ? await ownAccount(chain, { payer: signer, wallet, mint: escrow.mint })
      : await chosenAccount(chain, options.destination, escrow.mint);
  const collects = account !== null && earned.owed > 0n;
  const instructions: Instruction[] = collects ? [...account.make] : [];
  if (reading !== null && earned.adds) {
    instructions.push(...(await settleOthers(chain, escrow, { reading, network, wallet })));
  }
  if (collects) {
    instructions.push(await collectInstruction({ wallet: signer, escrow, destination: account.address }));
  }
  const outcome = earned.owed === 0n ? "nothing-left" : "waiting";
  if (instructions.length === 0) return { ...untouched, outcome, waiting: earned.owed };
  const receipt = await sendOwn(chain, signer, instructions, options.signal);
  const { signature, feeLamports } = receipt;
  const sent = {
    ...untouched,
    signature,
    feeLamports,
    paidToOthers: await othersGot(escrow, wallet, receipt),
  };
  if (!collects) return { ...sent, outcome, waiting: earned.owed };
  const { address: destination, rentLamports } = account;
  return { ...sent, outcome: "paid", paid: got(receipt, account, escrow, wallet), destination, rentLamports };
}

const nothingDone = (escrow: Address, wallet: Address): Collected => ({
  ...{ escrow, wallet, mint: null, decimals: 0, outcome: "nothing-left", reading: "none" },
  ...{ paid: 0n, paidToOthers: 0n, waiting: 0n, feeLamports: 0n, rentLamports: 0n },
  ...{ destination: null, signature: null },
});

type Known = { network: NetworkState; reading: CheckedReading | null; wallet: Address };

/** What there is to collect, and whether the reading has to be put on the chain for it. */
async function earnedOf(
  chain: Chain,
  escrow: EscrowState,
  { network, reading, wallet }: Known,
): Promise<Earned & Pick<Collected, "reading">> {
  const booked = { adds: false, owed: owedTo(escrow, wallet) };
  if (reading === null) return { ...booked, reading: "none" };
  if (!network.meters.includes(reading.meter)) return { ...booked, reading: "refused" };
  const earned = earnedBy(escrow, reading.says, wallet, await chainTime(chain, "confirmed"));
  return { ...earned, reading: earned.adds ? "applied" : "adds-nothing" };
}

/** Puts a reading on the chain, which pays everybody else that it names and whose account takes it. */
async function settleOthers(
  chain: Chain,
  escrow: EscrowState,
  { reading, network, wallet }: Known & { reading: CheckedReading },
): Promise<Instruction[]> {
  const { meter, bytes, signature } = reading;
  const payLeases = await leasesOfOthers(chain, escrow, wallet);
  return await settleInstructions({
    ...{ escrow, meter, signature, payLeases },
    ...{ reading: bytes, treasury: network.treasury },
  });
}

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
