/** A piece of a query's text and where it stands, counted in UTF-16 units from 0. */
export type Token = {
  kind: "word" | "operator" | "not" | "comma" | "open" | "close";
  text: string;
  at: number;
  end: number;
};

export const operators = ["=", "!=", "<", "<=", ">", ">="] as const;
export type Operator = (typeof operators)[number];

/** Operators that are words, as Vast.ai knows them besides. */
export const wordOperators: Readonly<Record<string, Operator>> = {
  eq: "=",
  neq: "!=",
  noteq: "!=",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
};

/** What is typed for an operator that is written another way. */
export const misspelt: Readonly<Record<string, Operator>> = { "=>": ">=", "=<": "<=", "<>": "!=" };

const spaces = /\s+/y;
/** No two of them match at the same place; most tokens are words. */
const patterns: readonly [Token["kind"], RegExp][] = [
  ["word", /[^\s,[\]=<>!"]+/y],
  ["operator", /(?:!=|<=|>=|==|=>|=<|<>|=|<|>)/y],
  ["not", /!/y],
  ["comma", /,/y],
  ["open", /\[/y],
  ["close", /\]/y],
];

/** Cuts a query into tokens. `unclosed` is where a quotation begins that does not end. */
export function tokensOf(text: string): { tokens: Token[]; unclosed: number | null } {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = match(spaces, text, at);
    if (space !== null) {
      at += space.length;
      continue;
    }
    const mark = text[at];
    if (mark === '"' || mark === "'") {
      const end = text.indexOf(mark, at + 1);
      if (end < 0) return { tokens, unclosed: at };
      tokens.push({ kind: "word", text: text.slice(at + 1, end), at, end: end + 1 });
      at = end + 1;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  return { tokens, unclosed: null };
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    const found = match(pattern, text, at);
    if (found !== null) return { kind, text: found === "==" ? "=" : found, at, end: at + found.length };
  }
  return { kind: "word", text: text.slice(at, at + 1), at, end: at + 1 };
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
