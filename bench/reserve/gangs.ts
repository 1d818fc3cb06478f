import type { Seeded } from "../seeded.ts";

export const GANG_SIZES = [1, 2, 4, 8] as const;

/** What carries reservations out: ours, its peer, or ours behind HTTP. */
export type Carrier<Held> = {
  /** All GPUs of a gang, durably; null when the market has not enough. */
  reserve(model: string, gpus: number): Promise<Held | null>;
  release(held: Held): Promise<void>;
};

/** Gangs that each caller keeps before it releases its oldest: part of the market is always taken. */
const KEPT = 20;

/** Callers at once, each reserving a gang and, once it has enough of them, releasing its oldest. */
export async function runGangs<Held>(
  carrier: Carrier<Held>,
  of: { callers: number; seconds: number; models: readonly string[]; random: Seeded },
): Promise<{ reserved: number; released: number; refused: number; seconds: number }> {
  const counts = { reserved: 0, released: 0, refused: 0 };
  const start = performance.now();
  const end = start + of.seconds * 1000;
  await Promise.all(
    Array.from({ length: of.callers }, async () => {
      const kept: Held[] = [];
      while (performance.now() < end) {
        const held = await carrier.reserve(of.random.pick(of.models), of.random.pick(GANG_SIZES));
        if (held === null) counts.refused++;
        else {
          kept.push(held);
          counts.reserved++;
        }
        if (held !== null && kept.length <= KEPT) continue;
        const oldest = kept.shift();
        if (oldest === undefined) continue;
        await carrier.release(oldest);
        counts.released++;
      }
    }),
  );
  return { ...counts, seconds: (performance.now() - start) / 1000 };
}
