/*
 * The passes over sets of rows, 128 rows at a time: AssemblyScript (TypeScript's syntax, compiled to WebAssembly), since
 * JavaScript has no vectors. tools/build-kernels.sh compiles it to generated/kernels.ts; ../row-memory.ts calls it.
 *
 * All arguments are addresses in the index's memory, but where said. A set has a bit a row; `scope` lists the numbers of
 * the blocks that a pass looks at, `blocks` is how many. What keeps rows leaves the blocks with any in the list and tells
 * how many they are.
 */

/** Bytes of a block of 1,024 rows, and of one vector. */
const BLOCK: usize = 128;
const VECTOR: usize = 16;

function blockAt(scope: usize, i: usize): usize {
  return <usize>load<u32>(scope + (i << 2));
}

/**
 * Keeps the rows of `from` that the other set has too, in `bits`, which may be the same; `flip` -1: those that it does not
 * have.
 */
export function keepCommon(
  from: usize,
  bits: usize,
  scope: usize,
  blocks: usize,
  other: usize,
  flip: i32,
): usize {
  const flips = i32x4.splat(flip);
  let kept: usize = 0;
  for (let i: usize = 0; i < blocks; i++) {
    const block = blockAt(scope, i);
    let left = i32x4.splat(0);
    for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += VECTOR) {
      const rows = v128.and(v128.load(from + at), v128.xor(v128.load(other + at), flips));
      v128.store(bits + at, rows);
      left = v128.or(left, rows);
    }
    store<u32>(scope + (kept << 2), <u32>block);
    kept += v128.any_true(left) ? 1 : 0;
  }
  return kept;
}

/** The same with the rows that any of the listed sets has; `flip` -1: those that none has. */
export function keepCommonWithAny(
  from: usize,
  bits: usize,
  scope: usize,
  blocks: usize,
  list: usize,
  sets: usize,
  flip: i32,
): usize {
  const flips = i32x4.splat(flip);
  const end = list + (sets << 2);
  let kept: usize = 0;
  for (let i: usize = 0; i < blocks; i++) {
    const block = blockAt(scope, i);
    let left = i32x4.splat(0);
    for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += 2 * VECTOR) {
      let low = i32x4.splat(0);
      let high = low;
      for (let set = list; set < end; set += 4) {
        const some = <usize>load<u32>(set) + at;
        low = v128.or(low, v128.load(some));
        high = v128.or(high, v128.load(some, VECTOR));
      }
      low = v128.and(v128.load(from + at), v128.xor(low, flips));
      high = v128.and(v128.load(from + at, VECTOR), v128.xor(high, flips));
      v128.store(bits + at, low);
      v128.store(bits + at, high, VECTOR);
      left = v128.or(left, v128.or(low, high));
    }
    store<u32>(scope + (kept << 2), <u32>block);
    kept += v128.any_true(left) ? 1 : 0;
  }
  return kept;
}

/** Leaves those blocks in the list whose range of values meets this one, both ends included. */
export function keepBlocks(
  scope: usize,
  blocks: usize,
  lowest: usize,
  highest: usize,
  least: u32,
  most: u32,
): usize {
  let kept: usize = 0;
  for (let i: usize = 0; i < blocks; i++) {
    const block = blockAt(scope, i);
    store<u32>(scope + (kept << 2), <u32>block);
    const meets = load<u32>(highest + (block << 2)) >= least && load<u32>(lowest + (block << 2)) <= most;
    kept += meets ? 1 : 0;
  }
  return kept;
}

/** Of so few rows of sixty-four each is looked at, which is faster than to compare all. */
const FEW: u64 = 8;

/** Of sixty-four rows, a bit each, those whose value is at most `most`. */
function atMost(rows: u64, values: usize, most: u32): u64 {
  let kept: u64 = 0;
  if (popcnt(rows) <= FEW) {
    for (let rest = rows; rest !== 0; rest &= rest - 1) {
      if (load<u32>(values + ((<usize>ctz(rest)) << 2)) <= most) kept |= rest & (0 - rest);
    }
    return kept;
  }
  const bound = i32x4.splat(<i32>most);
  for (let row: usize = 0; row < 64; row += 4) {
    const four = i32x4.le_u(v128.load(values + (row << 2)), bound);
    kept |= (<u64>i32x4.bitmask(four)) << (<u64>row);
  }
  return kept & rows;
}

/**
 * The same with the rows whose value is at most `most`; `flip` -1: those whose value is higher. Rows in `sure` are at most that, and
 * none outside `maybe` is: only the rows between are looked at. `lowest` and `highest` bound the known values of each
 * block and `unknowns` says whether it has others, which are higher than all: most blocks are kept or dropped as a whole.
 */
export function keepAtMost(
  from: usize,
  bits: usize,
  scope: usize,
  blocks: usize,
  sure: usize,
  maybe: usize,
  values: usize,
  lowest: usize,
  highest: usize,
  unknowns: usize,
  most: u32,
  flip: i32,
): usize {
  const flips = i32x4.splat(flip);
  let kept: usize = 0;
  for (let i: usize = 0; i < blocks; i++) {
    const block = blockAt(scope, i);
    const isAbove = load<u32>(lowest + (block << 2)) > most;
    const isWithin = load<u32>(highest + (block << 2)) <= most && load<u8>(unknowns + block) === 0;
    if (isAbove || isWithin) {
      if (isAbove !== (flip !== 0)) continue;
      store<u32>(scope + (kept++ << 2), <u32>block);
      if (from === bits) continue;
      for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += VECTOR) {
        v128.store(bits + at, v128.load(from + at));
      }
      continue;
    }
    let left = i32x4.splat(0);
    for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += VECTOR) {
      const all = v128.load(from + at);
      let within = v128.load(sure + at);
      const unsure = v128.and(all, v128.andnot(v128.load(maybe + at), within));
      if (v128.any_true(unsure)) {
        // A bit of a set is a value of four bytes.
        const first = values + (at << 5);
        const low = atMost(i64x2.extract_lane(unsure, 0), first, most);
        const high = atMost(i64x2.extract_lane(unsure, 1), first + 256, most);
        within = v128.or(within, i64x2.replace_lane(i64x2.splat(low), 1, high));
      }
      const rows = v128.and(all, v128.xor(within, flips));
      v128.store(bits + at, rows);
      left = v128.or(left, rows);
    }
    store<u32>(scope + (kept << 2), <u32>block);
    kept += v128.any_true(left) ? 1 : 0;
  }
  return kept;
}

/** The sum of sixteen bytes. */
function sumOfBytes(bytes: v128): u32 {
  const four = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
  const two = i32x4.add(
    four,
    i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
  );
  return i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1);
}

/** How many rows of a block three sets have all and a fourth has not. */
export function countInBlock(block: usize, bits: usize, within: usize, cheap: usize, under: usize): u32 {
  let counts = i8x16.splat(0);
  for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += VECTOR) {
    const some = v128.and(v128.load(bits + at), v128.load(cheap + at));
    const rows = v128.and(some, v128.andnot(v128.load(within + at), v128.load(under + at)));
    counts = i8x16.add(counts, i8x16.popcnt(rows));
  }
  return sumOfBytes(counts);
}

/**
 * Lists the rows (u32) of a block that three sets have all and a fourth has not, whose value is between `least` and `most`,
 * and tells how many. Those with the value of the worst row are left out where they come after it: by price (u32), then by
 * order (f64).
 */
export function listRows(
  block: usize,
  bits: usize,
  within: usize,
  cheap: usize,
  under: usize,
  values: usize,
  least: u32,
  most: u32,
  prices: usize,
  orders: usize,
  worstValue: u32,
  worstPrice: u32,
  worstOrder: f64,
  list: usize,
): usize {
  let end = list;
  for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += VECTOR) {
    const some = v128.and(v128.load(bits + at), v128.load(cheap + at));
    const rows = v128.and(some, v128.andnot(v128.load(within + at), v128.load(under + at)));
    if (!v128.any_true(rows)) continue;
    for (let half: usize = 0; half < 2; half++) {
      const rest = half === 0 ? i64x2.extract_lane(rows, 0) : i64x2.extract_lane(rows, 1);
      for (let bit: u64 = rest; bit !== 0; bit &= bit - 1) {
        const row = (at << 3) + (half << 6) + <usize>ctz(bit);
        const value = load<u32>(values + (row << 2));
        if (value < least || value > most) continue;
        if (value === worstValue) {
          const price = load<u32>(prices + (row << 2));
          if (price > worstPrice) continue;
          if (price === worstPrice && load<f64>(orders + (row << 3)) > worstOrder) continue;
        }
        store<u32>(end, <u32>row);
        end += 4;
      }
    }
  }
  return (end - list) >> 2;
}

/** Sixty-four rows a step: here the processor's own count of bits is faster than counting by vectors. */
function countRows(block: usize, bits: usize): u32 {
  let count: u64 = 0;
  for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += 16) {
    count += popcnt(load<u64>(bits + at)) + popcnt(load<u64>(bits + at, 8));
  }
  return <u32>count;
}

/**
 * The sum of the rows' numbers, and at `rows` (u32) how many rows there are. The numbers stand in `slices`, a list of sets: a
 * set for each of a number's bits. `counts` (u32) and `sums` (f64) have both of each whole block.
 */
export function tally(
  bits: usize,
  scope: usize,
  blocks: usize,
  list: usize,
  slices: usize,
  counts: usize,
  sums: usize,
  rows: usize,
): f64 {
  let sum: f64 = 0;
  let all: u32 = 0;
  for (let i: usize = 0; i < blocks; i++) {
    const block = blockAt(scope, i);
    const count = countRows(block, bits);
    all += count;
    if (count === load<u32>(counts + (block << 2))) sum += load<f64>(sums + (block << 3));
    else sum += <f64>sumInBlock(bits, block, list, slices);
  }
  store<u32>(rows, all);
  return sum;
}

function sumInBlock(bits: usize, block: usize, list: usize, slices: usize): u64 {
  let sum: u64 = 0;
  for (let place: usize = 0; place < slices; place++) {
    const slice = <usize>load<u32>(list + (place << 2));
    let count: u64 = 0;
    for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += 16) {
      count += popcnt(load<u64>(bits + at) & load<u64>(slice + at));
      count += popcnt(load<u64>(bits + at, 8) & load<u64>(slice + at, 8));
    }
    sum += count << place;
  }
  return sum;
}

/**
 * Adds each row's number (u32) to the total (f64) of the row's code (u16), if that is below `known`; block by block until
 * `most` rows were looked at.
 */
export function sumByCode(
  bits: usize,
  scope: usize,
  blocks: usize,
  codes: usize,
  numbers: usize,
  totals: usize,
  known: u32,
  most: u32,
): void {
  let seen: u32 = 0;
  for (let i: usize = 0; i < blocks && seen < most; i++) {
    const block = blockAt(scope, i);
    for (let at = block * BLOCK; at < (block + 1) * BLOCK; at += 8) {
      for (let rest = load<u64>(bits + at); rest !== 0; rest &= rest - 1) {
        const row = (at << 3) + <usize>ctz(rest);
        const code = <usize>load<u16>(codes + (row << 1));
        if (code < <usize>known) {
          const total = totals + (code << 3);
          store<f64>(total, load<f64>(total) + <f64>load<u32>(numbers + (row << 2)));
        }
        seen += 1;
      }
    }
  }
}
