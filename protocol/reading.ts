/**
 * The bytes a meter signs: cumulative delivered seconds of an escrow's leases. The escrow program reads the
 * same layout (programs/escrow/src/reading.rs); both are tested with vectors/reading.json.
 *
 *   domain 16 | program 32 | network 32 | chain tag 32 | escrow 32 | opened slot u64 | flags u8 | count u8
 *   then for each lease: index u8 | seconds u32        (little-endian; flags bit 0: final)
 */
export type Reading = {
  /** The escrow program's address, 32 bytes. */
  program: Uint8Array;
  /** The address of the program's network account, 32 bytes. */
  network: Uint8Array;
  /** The chain's genesis hash, 32 bytes. */
  chainTag: Uint8Array;
  /** The escrow's address, 32 bytes. */
  escrow: Uint8Array;
  /** The slot in which the escrow opened: tells it from earlier ones of the same address. */
  openedSlot: bigint;
  /** A final reading names every lease and ends the escrow: no later reading raises any seconds. */
  final: boolean;
  leases: readonly ReadingLease[];
};

/** A lease by its position in the escrow, and the seconds it has delivered since its start. */
export type ReadingLease = { index: number; seconds: number };

const DOMAIN = new TextEncoder().encode("ionet:reading:v1");
const FINAL = 1;
const ADDRESS_LENGTH = 32;
const HEADER_LENGTH = DOMAIN.length + 4 * ADDRESS_LENGTH + 8 + 1 + 1;
const LEASE_LENGTH = 5;
const MAX_LEASES = 50;
const U32_MAX = 0xffff_ffff;
const U64_MAX = 2n ** 64n - 1n;

/**
 * The bytes of a reading, to be signed with a meter's Ed25519 key.
 * Throws a RangeError naming the field when a value does not fit: leases must be 1 to 50, indices rising.
 */
export function encodeReading(reading: Reading): Uint8Array {
  check(reading);
  const bytes = new Uint8Array(HEADER_LENGTH + LEASE_LENGTH * reading.leases.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of [DOMAIN, reading.program, reading.network, reading.chainTag, reading.escrow]) {
    bytes.set(part, at);
    at += part.length;
  }
  view.setBigUint64(at, reading.openedSlot, true);
  view.setUint8(at + 8, reading.final ? FINAL : 0);
  view.setUint8(at + 9, reading.leases.length);
  at += 10;
  for (const lease of reading.leases) {
    view.setUint8(at, lease.index);
    view.setUint32(at + 1, lease.seconds, true);
    at += LEASE_LENGTH;
  }
  return bytes;
}

/** Reads a reading's bytes. Throws a RangeError when they are none. The signature is not looked at. */
export function decodeReading(bytes: Uint8Array): Reading {
  const wrong = (what: string): never => {
    throw new RangeError(`not a reading: ${what}`);
  };
  if (bytes.length < HEADER_LENGTH) wrong(`${bytes.length} bytes, at least ${HEADER_LENGTH} are needed`);
  if (DOMAIN.some((byte, at) => bytes[at] !== byte)) wrong("it does not begin with ionet:reading:v1");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const address = (position: number) => {
    const start = DOMAIN.length + position * ADDRESS_LENGTH;
    return bytes.slice(start, start + ADDRESS_LENGTH);
  };
  const numbersAt = DOMAIN.length + 4 * ADDRESS_LENGTH;
  const flags = view.getUint8(numbersAt + 8);
  if ((flags & ~FINAL) !== 0) wrong(`unknown flags ${flags}`);
  const count = view.getUint8(numbersAt + 9);
  if (bytes.length !== HEADER_LENGTH + count * LEASE_LENGTH)
    wrong(`${bytes.length} bytes for ${count} leases`);
  const reading: Reading = {
    program: address(0),
    network: address(1),
    chainTag: address(2),
    escrow: address(3),
    openedSlot: view.getBigUint64(numbersAt, true),
    final: flags === FINAL,
    leases: Array.from({ length: count }, (_, position) => {
      const at = HEADER_LENGTH + position * LEASE_LENGTH;
      return { index: view.getUint8(at), seconds: view.getUint32(at + 1, true) };
    }),
  };
  check(reading);
  return reading;
}

function check(reading: Reading): void {
  for (const field of ["program", "network", "chainTag", "escrow"] as const) {
    const { length } = reading[field];
    if (length !== ADDRESS_LENGTH) refuse(field, `${length} bytes`, "32 bytes");
  }
  if (reading.openedSlot < 0n || reading.openedSlot > U64_MAX)
    refuse("openedSlot", reading.openedSlot, "a u64");
  const { leases } = reading;
  if (leases.length === 0 || leases.length > MAX_LEASES) refuse("leases", leases.length, "1 to 50");
  let lowest = 0;
  for (const { index, seconds } of leases) {
    if (!Number.isInteger(index) || index < lowest || index >= MAX_LEASES) {
      refuse("leases[].index", index, `${lowest} to ${MAX_LEASES - 1}, each once, rising`);
    }
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > U32_MAX) {
      refuse("leases[].seconds", seconds, `0 to ${U32_MAX}`);
    }
    lowest = index + 1;
  }
}

function refuse(field: string, given: unknown, allowed: string): never {
  throw new RangeError(`a reading's ${field} is ${given}; allowed is ${allowed}`);
}
