import fc from "fast-check";
import { expect, test } from "vitest";
import { createUtf8Reader } from "./utf8-text.ts";

function read(bytes: Uint8Array, sizes: readonly number[]) {
  const reader = createUtf8Reader();
  let text = "";
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    text += reader.read(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return { text: text + reader.end(), unreadable: reader.unreadable() };
}

test("bytes in any pieces are the text that they are in one", () => {
  const pieces = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), pieces, (given, sizes) => {
      const text = given.toWellFormed();
      expect(read(Buffer.from(text), sizes)).toEqual({ text, unreadable: null });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), pieces, (bytes, sizes) => {
      const whole = read(bytes, [bytes.length]);
      expect(read(bytes, sizes)).toEqual(whole);
      expect(whole.text).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
    }),
  );
});

test.each([
  [[0x61, 0xff, 0x62], "a\ufffdb", { count: 1, first: { byte: 0xff, offset: 1 } }],
  [[0xe2, 0x82], "\ufffd", { count: 2, first: { byte: 0xe2, offset: 0 } }],
  [[0xef, 0xbf, 0xbd], "\ufffd", null],
  [[0xc3, 0xa9, 0xc0, 0x80], "é\ufffd\ufffd", { count: 2, first: { byte: 0xc0, offset: 2 } }],
])("%j is %j, and what was no UTF-8 is counted", (bytes, text, unreadable) => {
  expect(read(Uint8Array.from(bytes), [1, 1])).toEqual({ text, unreadable });
});
