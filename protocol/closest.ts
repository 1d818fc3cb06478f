/** No word is longer, and comparing takes its time. */
const LONGEST_WORD = 60;
const BEGINS_ALIKE = 10;

/** The words nearest to what was typed, best first: how many letters must change, and what begins alike first. */
export function closestWords(given: string, words: Iterable<string>, count = 3): string[] {
  const wanted = given.slice(0, LONGEST_WORD).toLowerCase();
  return [...new Set(words)]
    .map((word) => ({ word, distance: distanceTo(wanted, word.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1))
    .slice(0, count)
    .map(({ word }) => word);
}

function distanceTo(wanted: string, word: string): number {
  const alike = wanted.length > 1 && word.startsWith(wanted);
  return editDistance(wanted, word) - (alike ? BEGINS_ALIKE : 0);
}

/** Letters and digits that are taken for each other: A10O is A100 rather than A10. */
const lookalikes = ["o0", "il1"];
const looksLike = (a = "", b = "") => lookalikes.some((group) => group.includes(a) && group.includes(b));

/**
 * How many letters must be put in, left out, changed or swapped with their neighbour (Damerau, restricted); to change one
 * for another that looks like it counts half.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const [left, right] = [a[i - 1], b[j - 1]];
      const cost = left === right ? 0 : looksLike(left, right) ? 0.5 : 1;
      const change = (row[j - 1] ?? 0) + cost;
      const swapped = i > 1 && j > 1 && left === b[j - 2] && a[i - 2] === right;
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : change;
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
