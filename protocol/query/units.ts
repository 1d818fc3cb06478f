import { formatUnits, parseUnits } from "../money.ts";

/**
 * How a number with a unit is typed in a query. `read` gives it in whole base units, so that nothing is ever a float;
 * `toWire` is the same as an HTTP parameter, `fromWire` its way back.
 */
export type Unit = {
  /** Whole base units; null when the text is no such number. */
  read(text: string): bigint | null;
  /** As people type it. */
  write(units: bigint): string;
  toWire(units: bigint): string;
  fromWire(wire: string): bigint;
  /** What can be typed, for an error message. */
  allowed: string;
  most: bigint;
  /** The same number with its unit, each way that may be meant; null where a number alone says enough. */
  unsaid?(text: string): readonly string[] | null;
};

/** The largest number that a query compares: what the offers' index keeps, in base units. */
export const MOST = 4_294_967_293n;

const digits = { toWire: (units: bigint) => units.toString(), fromWire: (wire: string) => BigInt(wire) };

/** A decimal number with one of these suffixes, each worth so many base units; null when that is no whole number. */
function readScaled(text: string, suffixes: Readonly<Record<string, bigint>>): bigint | null {
  const [, number, suffix = ""] = /^(\d{1,12}(?:\.\d{1,6})?)([a-z/%]*)$/i.exec(text) ?? [];
  const letters = suffix.toLowerCase();
  const scale = Object.hasOwn(suffixes, letters) ? suffixes[letters] : undefined;
  const millionths = number === undefined ? null : parseUnits(number, 6);
  if (millionths === null || scale === undefined) return null;
  const scaled = millionths * scale;
  return scaled % 1_000_000n === 0n ? scaled / 1_000_000n : null;
}

const GB = 1024n;
const TB = 1024n * GB;

const sizes = {
  "": GB,
  ...{ g: GB, gb: GB, gi: GB, gib: GB },
  ...{ m: 1n, mb: 1n, mi: 1n, mib: 1n },
  ...{ t: TB, tb: TB, ti: TB, tib: TB },
};

/** GB as GPUs are sold (GiB); base unit MiB. */
export const sizeUnit: Unit = {
  ...digits,
  read: (text) => readScaled(text, sizes),
  write: (mib) => (mib % GB === 0n ? `${mib / GB}` : `${mib}mib`),
  allowed: "GB like 40, 40gb, 1.5tb, or 40960mib",
  most: MOST,
};

/**
 * A size of which a number alone, from so many GB on, is more likely in MiB: those who write so are asked.
 * @param gigabyte what a number alone counts, in MiB
 */
const sizeBelow = (gigabytes: bigint, gigabyte = GB): Unit => {
  const isMuch = (text: string) => /^\d{1,12}$/.test(text) && BigInt(text) >= gigabytes;
  return {
    ...sizeUnit,
    read: (text) => (isMuch(text) ? null : readScaled(text, { ...sizes, "": gigabyte })),
    write: (mib) => (isMuch(sizeUnit.write(mib)) ? `${sizeUnit.write(mib)}gb` : sizeUnit.write(mib)),
    unsaid: (text) => (isMuch(text) ? [`${text}mib`, `${text}gb`] : null),
  };
};
const [MOST_OF_GPU, MOST_OF_NODE] = [2_000n, 16_000n];
/** Memory of a GPU. */
export const gpuMemoryUnit = sizeBelow(MOST_OF_GPU);
/** Memory of a machine. */
export const memoryUnit = sizeBelow(MOST_OF_NODE);
/** Both as Vast.ai's command line counts them: a number alone is thousands of MiB, so that a 24 GB card is above 24. */
export const thousandsOfGpu = sizeBelow(MOST_OF_GPU, 1000n);
export const thousandsOfNode = sizeBelow(MOST_OF_NODE, 1000n);

/** US dollars per GPU-hour; base unit micro-USD. */
export const priceUnit: Unit = {
  ...digits,
  read: (text) => parseUnits(text.replace(/^\$/, ""), 6),
  write: (microUsd) => formatUnits(microUsd, 6),
  allowed: "US dollars per GPU-hour like 1.25, six decimals at most",
  most: MOST,
};

/** A share of 1; base unit a millionth. */
export const shareUnit: Unit = {
  read: (text) => readScaled(text, { "": 1_000_000n, "%": 10_000n }),
  write: (millionths) => trimmed(millionths, 6),
  toWire: (millionths) => trimmed(millionths, 6),
  fromWire: (wire) => parseUnits(wire, 6) ?? 0n,
  allowed: "a share like 0.99 or 99%",
  most: 1_000_000n,
};

/** TFLOPS; base unit 10⁻³ of it. */
export const tflopsUnit: Unit = {
  read: (text) => readScaled(text, { "": 1000n, tflops: 1000n, pflops: 1_000_000n }),
  write: (milli) => trimmed(milli, 3),
  toWire: (milli) => trimmed(milli, 3),
  fromWire: (wire) => parseUnits(wire, 3) ?? 0n,
  allowed: "TFLOPS like 312 or 65.1",
  most: 4_000_000_000n,
};

/** A count of things. */
export const countUnit: Unit = {
  ...digits,
  read: (text) => readScaled(text, { "": 1n, x: 1n }),
  write: (count) => count.toString(),
  allowed: "a whole number like 8",
  most: MOST,
};

/** Megabits a second. */
export const speedUnit: Unit = {
  ...digits,
  read: (text) =>
    readScaled(text, { "": 1n, mbps: 1n, "mb/s": 1n, "mbit/s": 1n, gbps: 1000n, "gb/s": 1000n }),
  write: (mbps) => mbps.toString(),
  allowed: "Mb/s like 500, 500mbps or 10gbps",
  most: MOST,
};

/** Hours of history. */
export const hoursUnit: Unit = {
  ...digits,
  read: (text) => readScaled(text, { "": 1n, h: 1n, d: 24n }),
  write: (hours) => hours.toString(),
  allowed: "hours like 100 or 100h",
  most: MOST,
};

const DAY = 86_400n;
const durations = [
  ["d", DAY],
  ["h", 3600n],
  ["m", 60n],
  ["s", 1n],
] as const;

/** How long; base unit a second. A number alone is hours to some and days to others, so the unit must be said. */
export const durationUnit: Unit = {
  ...digits,
  read: (text) => readScaled(text, { s: 1n, m: 60n, min: 60n, h: 3600n, d: DAY }),
  unsaid: (text) => (/^\d+(?:\.\d+)?$/.test(text) ? [`${text}d`, `${text}h`] : null),
  write: (seconds) => {
    const [suffix, scale] = durations.find(([, each]) => seconds % each === 0n) ?? ["s", 1n];
    return `${seconds / scale}${suffix}`;
  },
  allowed: "a duration like 90s, 30m, 2h or 7d",
  most: 30n * DAY,
};

const THOUSAND = 1000n;

/** A version like 12.4 or 550.54.15, up to three numbers below 1,000: compared number by number. */
export const versionUnit: Unit = {
  read: (text) => {
    if (!/^\d{1,3}(\.\d{1,3}){0,2}$/.test(text)) return null;
    const [major = "0", minor = "0", patch = "0"] = text.split(".");
    return (BigInt(major) * THOUSAND + BigInt(minor)) * THOUSAND + BigInt(patch);
  },
  write: (code) => versionText(code),
  toWire: (code) => versionText(code),
  fromWire: (wire) => versionUnit.read(wire) ?? 0n,
  allowed: "a version like 12.4 or 550.54.15",
  most: 999_999_999n,
};

function versionText(code: bigint): string {
  const patch = code % THOUSAND;
  const short = `${code / (THOUSAND * THOUSAND)}.${(code / THOUSAND) % THOUSAND}`;
  return patch === 0n ? short : `${short}.${patch}`;
}

/** A decimal without the zeros that say nothing. */
function trimmed(units: bigint, decimals: number): string {
  const text = formatUnits(units, decimals);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
