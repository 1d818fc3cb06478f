declare global {
  interface JSON {
    /** Puts text into the output as it is (ECMAScript proposal json-parse-with-source, in Node 24). */
    rawJSON(text: string): unknown;
  }
}

/** JSON with bigints as plain integers of any size, as Solana's nodes write u64. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === "bigint" ? JSON.rawJSON(part.toString()) : part,
  );
}
