import type { RequestId } from "@ionet/protocol";

/**
 * When each request last had its turn at what takes time (Unix ms), in this process: at a choice of GPUs that came to
 * nothing, and at finding out what it waits for. Losing it gives everybody a turn at once, nothing more.
 */
export type RoundRobin = { chosen: Map<RequestId, number>; told: Map<RequestId, number> };

export const newRoundRobin = (): RoundRobin => ({ chosen: new Map(), told: new Map() });

/** Offers that may be gone through in one round for those whose turn it is: some hundredths of a second. */
export const MOST_OFFERS = 40_000;

/** Who wants a turn, since when (Unix ms), and how many offers are gone through for it. */
export type TurnWanted = { id: RequestId; lastMs: number; offers: number };

/** Those that have their turn in this round, the longest overdue first: as many as MOST_OFFERS allow, and one always. */
export function whoseTurn(wishes: readonly TurnWanted[], most = Number.POSITIVE_INFINITY): Set<RequestId> {
  const turns = new Set<RequestId>();
  let left = MOST_OFFERS;
  for (const { id, offers } of wishes.toSorted((a, b) => a.lastMs - b.lastMs)) {
    left -= offers;
    if (turns.size > 0 && (left < 0 || turns.size >= most)) break;
    turns.add(id);
  }
  return turns;
}

/** Forgets those that wait no longer. */
export function forgetOthers(turns: RoundRobin, waiting: ReadonlySet<RequestId>): void {
  for (const times of [turns.chosen, turns.told])
    for (const id of times.keys()) if (!waiting.has(id)) times.delete(id);
}
