/** GPUs of one node as a set of bits: bit i is the GPU with index i, 0 to 63. Never negative. */
export type GpuSet = bigint;

/** The largest index a GPU may have: a set is one bigint of the database. */
export const LARGEST_GPU_INDEX = 63;

export const NO_GPUS: GpuSet = 0n;

export const gpuSetOf = (indices: Iterable<number>): GpuSet => {
  let set = NO_GPUS;
  for (const index of indices) set |= 1n << BigInt(index);
  return set;
};

/** The indices in a set, ascending. */
export function indicesOf(set: GpuSet): number[] {
  const indices: number[] = [];
  for (let index = 0, left = set; left !== 0n; index++, left >>= 1n)
    if ((left & 1n) === 1n) indices.push(index);
  return indices;
}

export const countOf = (set: GpuSet): number =>
  // Most nodes have few GPUs.
  set <= 0xffff_ffffn
    ? countBits(Number(set))
    : countBits(Number(set & 0xffff_ffffn)) + countBits(Number(set >> 32n));

/** The `count` GPUs of the lowest indices; fewer when the set has fewer. */
export function lowestOf(set: GpuSet, count: number): GpuSet {
  let taken = NO_GPUS;
  let left = set;
  for (let i = 0; i < count && left !== 0n; i++) {
    const bit = left & -left;
    taken |= bit;
    left ^= bit;
  }
  return taken;
}

/** As the database writes a bigint, which has a sign. */
export const toColumn = (set: GpuSet): string => BigInt.asIntN(64, set).toString();
export const fromColumn = (text: string): GpuSet => BigInt.asUintN(64, BigInt(text));

/** How many of 32 bits are set (H. S. Warren, Hacker's Delight, 5–1). */
function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
