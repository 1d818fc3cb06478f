import { isUtf8 } from "node:buffer";

/** Bytes that are no UTF-8: how many, and the first of them. */
export type UnreadableBytes = { count: number; first: { byte: number; offset: number } };

/**
 * Turns bytes that come in any pieces into text: a character cut in two waits for its rest, and what is no UTF-8 becomes
 * U+FFFD (as the WHATWG's decoders have it) and is counted.
 */
export function createUtf8Reader(fromByte = 0) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let waiting: Buffer = Buffer.alloc(0);
  let offset = fromByte;
  let unreadable: UnreadableBytes | null = null;

  const note = (bytes: Buffer, isLast: boolean) => {
    const whole = isLast ? bytes.length : bytes.length - cutLength(bytes);
    const checked = bytes.subarray(0, whole);
    if (!isUtf8(checked)) {
      for (let at = 0; at < whole; ) {
        const { length, isValid } = sequenceAt(checked, at);
        if (!isValid) {
          unreadable ??= { count: 0, first: { byte: checked[at] ?? 0, offset: offset + at } };
          unreadable.count += length;
        }
        at += length;
      }
    }
    offset += whole;
    waiting = Buffer.from(bytes.subarray(whole));
  };
  return {
    read: (chunk: Buffer): string => {
      note(waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]), false);
      return decoder.decode(chunk, { stream: true });
    },
    /** What was waiting for a rest that did not come. */
    end: (): string => {
      note(waiting, true);
      return decoder.decode();
    },
    unreadable: () => unreadable,
  };
}

/** How many bytes at the end may be the beginning of a character. */
function cutLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}

/** The character at a place, or one byte that belongs to none. */
function sequenceAt(bytes: Buffer, at: number): { length: number; isValid: boolean } {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return { length: 1, isValid: true };
  const needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const isValid = at + needed <= bytes.length && isUtf8(bytes.subarray(at, at + needed));
  return { length: isValid ? needed : 1, isValid };
}
