import type { Problem, RequestEvent, WaitingRequest } from "@ionet/protocol";
import { short, table } from "./table.ts";

/** A time as people read it: to the second, in UTC. */
const timeText = (time: string): string => time.replace(/(\.\d+)?Z$/, "Z");

/** Where a request stands, and why it waits: one line. */
export function waitingText({ position, waitsFor, earliestAt }: WaitingRequest): string {
  return [
    position === null ? "waiting" : `waiting, place ${position} of those who want this model`,
    ...(waitsFor === null ? [] : [waitsFor.detail]),
    earliestAt === null
      ? "by when is not known"
      : `by ${timeText(earliestAt)} at the latest, for all that is known`,
  ].join("; ");
}

const wantedText = ({ demand }: WaitingRequest): string => `${demand.gpuCount} × ${demand.gpuModel}`;

/** Requests as a table, in the order in which they came. */
export function requestsText(requests: readonly WaitingRequest[]): string {
  if (requests.length === 0) return "You have no requests. `ionet rent … --wait 2h` makes one.";
  return table(
    ["request", "state", ">place", "wanted", "waits until", "by", "why"],
    requests.map((request) => [
      request.id,
      request.state,
      request.position === null ? "" : String(request.position),
      wantedText(request),
      timeText(request.waitUntil),
      request.earliestAt === null ? "" : timeText(request.earliestAt),
      request.waitsFor?.detail ??
        request.reason ??
        (request.reservationId === null ? "" : short(request.reservationId)),
    ]),
  );
}

/** One request in full. */
export function requestText(request: WaitingRequest): string {
  const lines = [
    `${request.id}: ${wantedText(request)}, ${request.state}${request.reason === null ? "" : ` (${request.reason})`}`,
    `since ${timeText(request.createdAt)}, waits until ${timeText(request.waitUntil)}`,
  ];
  if (request.state === "waiting") lines.push(waitingText(request));
  if (request.state === "held")
    lines.push(
      `held: ${request.reservationId}; its escrows have to be opened within 90 s: \`ionet requests resume ${request.id}\``,
    );
  return lines.join("\n");
}

/** One thing that happened to a request: one line. */
export const eventText = ({ at, event, detail, reservationId }: RequestEvent): string =>
  [
    timeText(at),
    event,
    ...(detail === null ? [] : [detail]),
    ...(reservationId === null ? [] : [reservationId]),
  ].join("  ");

/** The control plane does not answer. */
export const unreachableText = ({ problem, againMs }: { problem: Problem; againMs: number }): string =>
  `${problem.input.detail}; asked again in ${againMs / 1000} s`;
