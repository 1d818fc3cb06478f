import { type Token, tokensOf } from "./tokens.ts";
import { UnreadableQuery } from "./unreadable.ts";

/** Walks a query's tokens and refuses where it can't go on: every refusal knows its place. */
export class Cursor {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, longest: number) {
    this.text = text;
    if (text.length > longest) {
      this.refuse(longest, text.length, "the query is too long", `${longest} characters at most`);
    }
    const { tokens, unclosed } = tokensOf(text);
    if (unclosed !== null) this.refuse(unclosed, text.length, "the quotation does not end", 'another "');
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead];
  }

  skip(count = 1): void {
    this.#next += count;
  }

  /** The next token; refuses where the text ends. */
  take(allowed = "another word"): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) {
      return this.refuse(this.text.length, this.text.length, "the query ends too early", allowed);
    }
    this.#next += 1;
    return token;
  }

  refuseToken(token: Token, why: string, allowed: string, closest: readonly string[] = []): never {
    return this.refuse(token.at, token.end, why, allowed, closest);
  }

  refuse(at: number, end: number, why: string, allowed: string, closest: readonly string[] = []): never {
    throw new UnreadableQuery({ text: this.text, at, end, why, allowed, closest });
  }
}

/** A word in an error message: quoted, and not longer than a line. */
export const quoted = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
