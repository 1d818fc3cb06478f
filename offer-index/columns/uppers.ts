/** The code of a value that nobody knows: no bound holds for it. */
export const UNKNOWN = 0xffff_ffff;
export const KNOWN_MOST = UNKNOWN - 1;

/** Below this many rows all are looked at. */
export const SMALL = 2048;
const PARTS = 64;
const SAMPLE = 32_768;

/** Parts of about equal size after a sample of the values; a value that would fill a part has one of its own. */
export function uppersFor(values: Uint32Array, used: number): Uint32Array {
  const uppers: number[] = [];
  const push = (upper: number) => {
    if (upper >= 0 && upper < KNOWN_MOST && upper > (uppers.at(-1) ?? -1)) uppers.push(upper);
  };
  if (used >= SMALL) {
    const stride = Math.max(1, Math.floor(used / SAMPLE));
    const sample = values.slice(0, used).filter((value, row) => row % stride === 0 && value !== UNKNOWN);
    sample.sort();
    const part = Math.max(1, sample.length / PARTS);
    let inPart = 0;
    for (let i = 0; i < sample.length; ) {
      const value = sample[i] ?? 0;
      let end = i + 1;
      while (sample[end] === value) end++;
      if (end - i >= part) push(value - 1);
      inPart = end - i >= part ? part : inPart + end - i;
      if (inPart >= part) {
        push(value);
        inPart = 0;
      }
      i = end;
    }
  }
  return Uint32Array.from([...uppers, KNOWN_MOST, UNKNOWN]);
}
