import { isNative, owedToLease } from "@ionet/chain";
import type { ClosedEscrow, EscrowLook, StoppedEscrow } from "@ionet/sdk";
import { chainAmount, solText } from "./chain-amount.ts";
import { durationText } from "./quote-text.ts";
import { short, table } from "./table.ts";

const time = (seconds: number) => new Date(seconds * 1000).toISOString();

/** An escrow as the chain alone tells of it. */
export function escrowLookText(look: EscrowLook): string {
  const { escrow, decimals, owed, closableAt, now } = look;
  const amount = (units: bigint) => chainAmount(units, { mint: escrow.mint, decimals });
  const leases = table(
    [">lease", "supplier", ">an hour", ">budget", ">seconds", ">paid", ">owed", ">fee", "ended"],
    escrow.leases.map((lease, index) => [
      String(index),
      lease.supplier,
      amount(lease.ratePerHour),
      durationText(lease.maxSeconds),
      String(lease.seconds),
      amount(lease.paid),
      amount(owedToLease(lease)),
      amount(lease.fee),
      lease.endedAt === null ? "" : time(lease.endedAt),
    ]),
  );
  const money = table(
    ["", ">amount"],
    [
      ["deposited", amount(escrow.deposited)],
      ["paid to suppliers", amount(escrow.paid)],
      ["fee to the treasury", amount(escrow.fees)],
      ["refunded to the engineer", amount(escrow.refunded)],
      ["owed, not sent yet", amount(owed)],
      ["can still be earned, at most", amount(look.stillToEarn)],
      ["returns if nothing more is read", amount(look.refundable)],
    ],
  );
  const closing =
    closableAt === 0
      ? `Anybody may close it now: ionet escrow close ${escrow.address}`
      : `Anybody may close it from ${time(closableAt)} on (in ${durationText(closableAt - now)}), or once a final reading was applied.`;
  return [
    `escrow ${escrow.address}: ${escrow.status}, of engineer ${escrow.engineer}`,
    `in ${isNative(escrow.mint) ? "SOL" : `mint ${escrow.mint}`}, opened ${time(escrow.openedAt)}`,
    ...["", leases, "", money, "", closing],
  ].join("\n");
}

/** What closing did. */
export function closedText(closed: ClosedEscrow): string {
  const { mint, decimals, engineer, waiting, signature } = closed;
  const amount = (units: bigint) => chainAmount(units, { mint, decimals });
  const waits =
    waiting === 0n
      ? []
      : [`${amount(waiting)} wait in it for suppliers (or the treasury), who collect them.`];
  if (signature === null)
    return [`Nothing left for the engineer in escrow ${closed.escrow}.`, ...waits].join("\n");
  return [
    `${amount(closed.refunded)} went back to the engineer ${engineer}.`,
    closed.outcome === "closed"
      ? "The escrow is closed; its rent went back to who paid it."
      : "The escrow stays.",
    ...waits,
    `Transaction ${signature}, fee ${solText(closed.feeLamports)}.`,
    ...(closed.rentLamports === 0n
      ? []
      : [`The engineer's token account was made: ${solText(closed.rentLamports)} of rent.`]),
  ].join("\n");
}

/** What an engineer's stop did. */
export function stoppedText(stopped: StoppedEscrow): string {
  const { mint, decimals, escrow } = stopped;
  const amount = (units: bigint) => chainAmount(units, { mint, decimals });
  const rest = `${amount(stopped.held)} stay for the suppliers' last readings; what they do not earn returns, by ionet escrow close ${escrow} from ${time(stopped.closableAt)} on.`;
  if (stopped.outcome === "was-stopped") return `Escrow ${short(escrow)} was stopped before. ${rest}`;
  return [
    `Stopped: no lease earns anything after this. ${amount(stopped.refunded)} came back at once.`,
    rest,
    ...(stopped.signature === null
      ? []
      : [`Transaction ${stopped.signature}, fee ${solText(stopped.feeLamports)}.`]),
  ].join("\n");
}
