/** Numbers are taken once each. Requests on different connections overtake each other, so a few older ones still count. */
export type UsedNumbers = {
  /** False for a number taken before, or too far behind. */ take(number: number): boolean;
};

const WINDOW = 64;

/** A window that slides with the largest number seen, as IPsec has it (RFC 4303, section 3.4.3). */
export function createUsedNumbers(): UsedNumbers {
  const recent = new Set<number>();
  let largest = 0;
  return {
    take: (number) => {
      if (number <= largest - WINDOW || recent.has(number)) return false;
      recent.add(number);
      largest = Math.max(largest, number);
      for (const old of recent) if (old <= largest - WINDOW) recent.delete(old);
      return true;
    },
  };
}
