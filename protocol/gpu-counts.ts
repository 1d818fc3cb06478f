/** `8xA100`, `8 x A100`, Lambda's `gpu_8x_a100_80gb_sxm4`; its `_n` is another machine around the same GPUs. */
const BEFORE = /^(?:gpu[_ -])?([1-9]\d{0,2})(?:\s+x\s+|x[\s_-]*)(.+?)(?:(?<=^gpu_.*)_n)?$/i;
/** SkyPilot's `A100:8`, `A100x8`, `A100 x 8`; the x of a name like `RX 580` follows a letter and counts nothing. */
const AFTER = /^(.+?)(?:\s*[:*]\s*|(?<=[\dbx\s_-])x\s*)([1-9]\d{0,2})$/i;

/** What every name with a count has: few others do, and to look for one takes its time. */
const MAY_COUNT = /^(?:gpu[_ -])?\d{1,3}\s*[x×]|[x×:*]\s*\d{1,3}$/i;
/** No name is longer. */
const LONGEST_NAME = 60;

/**
 * How many GPUs a name says besides the model, and the name without it; null where it says none. Only for names that
 * are no model's as they stand: what follows an x may belong to the name.
 */
export function splitGpuCount(name: string): { name: string; count: number } | null {
  const trimmed = name.trim();
  if (trimmed.length > LONGEST_NAME || !MAY_COUNT.test(trimmed)) return null;
  const text = trimmed.replaceAll("×", "x");
  const [, first, rest] = BEFORE.exec(text) ?? [];
  if (first !== undefined && rest !== undefined) return { name: rest, count: Number(first) };
  const [, alone, last] = AFTER.exec(text) ?? [];
  return alone === undefined || last === undefined ? null : { name: alone, count: Number(last) };
}
