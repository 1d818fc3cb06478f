import { type Cluster, type Demand, formatUnits, type WaitingRequest } from "@ionet/protocol";
import {
  type Ionet,
  type ResumeOptions,
  rentWhenFree,
  resumeRequest,
  type WaitingOptions,
  type Wanted,
} from "@ionet/sdk";
import type { TransactionSigner } from "@solana/kit";
import { amountText } from "./money-text.ts";
import { CommandProblem } from "./problem-text.ts";
import { noteProgress } from "./rent-text.ts";
import type { Terminal } from "./terminal.ts";
import { unreachableText, waitingText } from "./waiting-text.ts";

type WaitingParts = { terminal: Terminal; ionet: Ionet; wallet: TransactionSigner; yes: boolean };

/**
 * Waits for supply, connected, and funds what is held within its 90 s. Null when the engineer said no. Who does not want
 * to be asked then has to say the most that a GPU-hour may cost.
 */
export async function rentWaiting(
  parts: WaitingParts,
  wanted: Wanted,
  options: Pick<WaitingOptions, "waitUntil" | "signal" | "chain" | "leasesPerEscrow">,
): Promise<Cluster | null> {
  const { terminal, ionet, wallet } = parts;
  const { waitUntil } = options;
  if (waitUntil.getTime() <= terminal.clock.now()) throw isOver(waitUntil);
  const agreed = await agreeBefore(parts, wanted);
  if (agreed === "no") {
    terminal.note("Nothing was asked for. With --yes it waits without a question.");
    return null;
  }
  terminal.note(`waiting until ${waitUntil.toISOString()}; Ctrl-C cancels the request`);
  const rented = await rentWhenFree(ionet, wallet, wanted, { ...options, ...talking(parts, agreed) });
  return rented?.cluster ?? null;
}

/** Goes on with a request that is there already, as `rentWaiting` does. Null when the engineer said no. */
export async function resumeWaiting(
  parts: WaitingParts,
  request: WaitingRequest,
  options: Pick<ResumeOptions, "signal" | "chain">,
): Promise<Cluster | null> {
  const { terminal, ionet, wallet } = parts;
  const agreed = await agreeBefore(parts, request.demand);
  if (agreed === "no") {
    terminal.note(`${request.id} is as it was. With --yes it is waited for without a question.`);
    return null;
  }
  terminal.note(`${request.id}: waiting until ${request.waitUntil}; Ctrl-C cancels the request`);
  const rented = await resumeRequest(ionet, wallet, request, { ...options, ...talking(parts, agreed) });
  return rented?.cluster ?? null;
}

/**
 * With a limit the question comes first, so that nobody has to sit and watch for the 90 s of the hold; without one it
 * comes then.
 */
async function agreeBefore(
  { terminal, yes }: WaitingParts,
  { maxPriceMicroUsdPerGpuHour: most, gpuCount }: Pick<Demand, "maxPriceMicroUsdPerGpuHour" | "gpuCount">,
): Promise<"yes" | "no" | "later"> {
  if (most === undefined) {
    if (yes) throw noLimit();
    return "later";
  }
  if (yes) return "yes";
  const hourly = formatUnits(most * BigInt(gpuCount), 6);
  return (await terminal.confirm(`Put up to $${hourly} an hour into escrow as soon as it is there?`))
    ? "yes"
    : "no";
}

/** What is asked and told while it waits. */
const talking = (
  { terminal }: WaitingParts,
  agreed: "yes" | "later",
): Required<Pick<ResumeOptions, "approve" | "onEvent">> => ({
  async approve(reservation, { currency }) {
    const amount = amountText(reservation.deposit, currency);
    if (agreed === "later")
      return terminal.confirm(`Put ${amount} into escrow? Held until ${reservation.expiresAt}.`);
    terminal.note(`putting ${amount} into escrow`);
    return true;
  },
  onEvent(event) {
    if (event.event === "waiting") terminal.note(`${event.request.id}: ${waitingText(event.request)}`);
    else if (event.event === "lapsed")
      terminal.note(`${event.request.id}: the hold was not funded in time; it waits once more`);
    else if (event.event === "held")
      terminal.note(`held: ${event.reservation.id} until ${event.reservation.expiresAt}`);
    else if (event.event === "cancelled")
      terminal.note(`${event.requestId}: cancelled; what was held is let go`);
    else if (event.event === "left")
      terminal.note(
        `${event.requestId}: not cancelled, since nothing answers; go on with \`ionet requests resume\`, or cancel it with \`ionet requests cancel\``,
      );
    else if (event.event === "unreachable") terminal.note(unreachableText(event));
    else noteProgress(terminal, event);
  },
});

const isOver = (waitUntil: Date) =>
  new CommandProblem("invalid-request", "the time to wait until is over; nothing was asked for", {
    field: "--wait-until",
    given: waitUntil.toISOString(),
    allowed: "a time within the next 30 days",
    next: "give a later time, like '2026-11-23 18:00', or how long with --wait 2h",
  });

const noLimit = () =>
  new CommandProblem("config-invalid", "nobody would look at the price before it is paid", {
    field: "--yes",
    given: "--yes with --wait, and no --max-price",
    allowed: "--yes with --wait and --max-price, or without --yes",
    next: "say the most that a GPU-hour may cost, like --max-price 0.80",
  });
