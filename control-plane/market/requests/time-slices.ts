import type { FreeOffer } from "@ionet/placement";
import type { Demand } from "@ionet/protocol";
import { type Meeting, type Met, meetDemand } from "../reservations/meet-demand.ts";

/** What a round does that takes time. It is counted, and whoever else needs this process has a turn in between. */
export type TimeSlices = {
  /** As `meetDemand`, after the others' turn. */
  meet(offers: readonly FreeOffer[], demand: Demand, meeting: Meeting): Promise<Met>;
  /** Lets others have their turn. */
  pause(): Promise<void>;
  /** How often somebody's GPUs were chosen, and among how many offers in all. */
  readonly done: { choices: number; offers: number };
};

/** `pause`: resolves after others had their turn. */
export function openTimeSlices(pause: () => Promise<void>): TimeSlices {
  const done = { choices: 0, offers: 0 };
  return {
    done,
    pause,
    async meet(offers, demand, meeting) {
      await pause();
      done.choices++;
      done.offers += offers.length;
      return meetDemand(offers, demand, meeting);
    },
  };
}
