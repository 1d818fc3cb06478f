import { type Cluster, type Demand, formatUnits, type Reservation } from "@ionet/protocol";
import { type Ionet, rentWhenFree, type WaitingOptions, type Wanted } from "@ionet/sdk";
import type { TransactionSigner } from "@solana/kit";
import { amountText } from "./money-text.ts";
import { CommandProblem } from "./problem-text.ts";
import { noteProgress } from "./rent-text.ts";
import type { Terminal } from "./terminal.ts";
import { waitingText } from "./waiting-text.ts";

/**
 * Waits for supply, connected, and funds what is held within its 90 s. Null when the engineer said no. Who does not want
 * to be asked then has to say the most that a GPU-hour may cost.
 */
export async function rentWaiting(
  {
    terminal,
    ionet,
    wallet,
    yes,
  }: { terminal: Terminal; ionet: Ionet; wallet: TransactionSigner; yes: boolean },
  wanted: Wanted,
  options: Pick<WaitingOptions, "waitUntil" | "signal" | "chain" | "leasesPerEscrow">,
): Promise<Cluster | null> {
  const most = wanted.maxPriceMicroUsdPerGpuHour;
  if (yes && most === undefined) throw noLimit();
  // With a limit the question comes first, so that nobody has to sit and watch for the 90 s of the hold.
  const asksNow = !yes && most !== undefined;
  if (asksNow) {
    const hourly = most * BigInt(wanted.gpuCount);
    const question = `Put up to $${formatUnits(hourly, 6)} an hour into escrow as soon as it is there?`;
    if (!(await terminal.confirm(question))) {
      terminal.note("Nothing was asked for. With --yes it waits without a question.");
      return null;
    }
  }
  terminal.note(`waiting until ${options.waitUntil.toISOString()}; Ctrl-C cancels the request`);
  const approve = async (reservation: Reservation, { currency }: Demand) => {
    const amount = amountText(reservation.deposit, currency);
    if (yes || asksNow) {
      terminal.note(`putting ${amount} into escrow`);
      return true;
    }
    return terminal.confirm(`Put ${amount} into escrow? Held until ${reservation.expiresAt}.`);
  };
  const rented = await rentWhenFree(ionet, wallet, wanted, {
    ...options,
    approve,
    onEvent: (event) => {
      if (event.event === "waiting") terminal.note(`${event.request.id}: ${waitingText(event.request)}`);
      else if (event.event === "lapsed")
        terminal.note(`${event.request.id}: the hold was not funded in time; it waits once more`);
      else if (event.event === "held")
        terminal.note(`held: ${event.reservation.id} until ${event.reservation.expiresAt}`);
      else if (event.event === "cancelled")
        terminal.note(`${event.requestId}: cancelled; what was held is let go`);
      else noteProgress(terminal, event);
    },
  });
  return rented?.cluster ?? null;
}

const noLimit = () =>
  new CommandProblem("config-invalid", "nobody would look at the price before it is paid", {
    field: "--yes",
    given: "--yes with --wait, and no --max-price",
    allowed: "--yes with --wait and --max-price, or without --yes",
    next: "say the most that a GPU-hour may cost, like --max-price 0.80",
  });
