import { closestWords } from "../closest.ts";
import { countedGpuModels } from "../gpu-models.ts";
import { contradiction } from "./bounds.ts";
import { Cursor, quoted } from "./cursor.ts";
import { type Field, fieldNamed, fields, modelField, type NumberField, type WordsField } from "./fields.ts";
import { decodeParameters, type Query } from "./query.ts";
import {
  exampleOf,
  operatorsOf,
  readList,
  readNumber,
  readTruth,
  readValues,
  readWord,
} from "./read-value.ts";
import { misspelt, type Operator, operators, type Token } from "./tokens.ts";
import { type Unreadable, UnreadableQuery, unreadableProblem } from "./unreadable.ts";
import { gpuModelsMeant, modelWord } from "./words.ts";

/** The longest query, in characters. */
export const LONGEST_QUERY = 1000;

/** A query that was read, and where its text names which GPU models. */
export type ReadQuery = { query: Query; models: ReadonlyMap<string, Span> };
/** A part of a text, in UTF-16 units from 0: `end` is the first after it. */
export type Span = { at: number; end: number };

/**
 * Reads a query as people type it: `gpu=A100 vram>=40 count=8 region=eu price<=1.0 reliability>=0.99 verified`.
 * Conditions stand side by side and all must hold; a list (`country=DE,NO`, `country in [DE, NO]`) means one of these.
 * Where it can't be read, says where and what is allowed there.
 */
export function parseQuery(text: string): ReadQuery | { unreadable: Unreadable } {
  try {
    return new Reader(text).read();
  } catch (error) {
    if (error instanceof UnreadableQuery) return { unreadable: error.reason };
    throw error;
  }
}

/** The query a text means, and where it names models. Throws the problem `query-unreadable`. */
export function readQueryText(text: string): ReadQuery {
  const read = parseQuery(text);
  if ("query" in read) return read;
  throw unreadableProblem(read.unreadable);
}

/** The query a text means. Throws the problem `query-unreadable`. */
export const readQuery = (text: string): Query => readQueryText(text).query;

const fieldNames = fields.map((field) => field.name);
const flagNames = fields.filter((field) => field.kind === "flag").map((field) => field.name);

/** A comparison as it stands: the field's word, the operator, whether a bracketed list must follow. */
type Comparison = { name: Token; field: Field; operator: Operator; at: Token; isList: boolean };

class Reader {
  readonly #cursor: Cursor;
  /** The typed parameters, as they are on the wire. */
  readonly #wire: Record<string, string> = {};
  readonly #models = new Map<string, Span>();
  /** What a model's name says of a count: `8xA100`. */
  #counted: { token: Token; count: number } | undefined;

  constructor(text: string) {
    this.#cursor = new Cursor(text, LONGEST_QUERY);
  }

  read(): ReadQuery {
    while (!this.#cursor.isAtEnd) this.#condition();
    this.#takeCount();
    const read = decodeParameters(this.#wire);
    if ("query" in read) return { query: read.query, models: this.#models };
    // Each word was checked when it was read; what is left are lists that are too long.
    const why = `${read.refused}: ${read.why}`;
    return this.#cursor.refuse(0, this.#cursor.text.length, why, "a shorter query");
  }

  #condition(): void {
    const token = this.#cursor.take();
    const next = this.#cursor.peek();
    const meant = next?.kind === "operator" ? misspelt[next.text] : undefined;
    if (next !== undefined && meant !== undefined) {
      this.#cursor.refuseToken(next, `there is no operator ${next.text}`, operators.join(" "), [meant]);
    }
    const operator = operators.find((one) => next?.kind === "operator" && one === next.text);
    const listed = this.#listOperator();
    if (token.kind === "not") this.#negated();
    else if (token.kind !== "word") {
      const why = `a condition can't begin with ${token.text}`;
      this.#cursor.refuseToken(token, why, "a word like gpu, price or verified");
    } else if (operator !== undefined && next !== undefined) {
      this.#cursor.skip();
      this.#comparison({ name: token, field: this.#fieldOf(token), operator, at: next, isList: false });
    } else if (listed !== null) {
      this.#cursor.skip(listed === "=" ? 1 : 2);
      this.#comparison({
        name: token,
        field: this.#fieldOf(token),
        operator: listed,
        at: token,
        isList: true,
      });
    } else this.#bare(token);
  }

  /** `in` and `not in`, which stand before a list. */
  #listOperator(): "=" | "!=" | null {
    const [first, second] = [this.#cursor.peek(), this.#cursor.peek(1)].map((token) =>
      token?.text.toLowerCase(),
    );
    return first === "in" ? "=" : first === "not" && second === "in" ? "!=" : null;
  }

  /** `!verified` */
  #negated(): void {
    const token = this.#cursor.take("a word that is true or false");
    const field = token.kind === "word" ? fieldNamed(token.text) : undefined;
    if (field?.kind !== "flag") {
      const closest = closestWords(token.text, flagNames);
      const why = `${quoted(token.text)} is not a word that is true or false`;
      this.#cursor.refuseToken(token, why, `! before ${flagNames.join(", ")}`, closest);
    }
    this.#set(token, field.is, "false");
  }

  /** A word alone: one that is true or false, or a GPU model, which may be several words. */
  #bare(token: Token): void {
    const field = fieldNamed(token.text);
    if (field?.kind === "flag") {
      this.#set(token, field.is, "true");
      return;
    }
    if (field !== undefined) this.#cursor.refuseToken(token, `${field.name} needs a value`, exampleOf(field));
    const words = [token, ...this.#wordsAlone()];
    for (; words.length > 0; words.pop()) {
      const text = words.map((word) => word.text).join(" ");
      const whole = { ...token, text, end: words.at(-1)?.end ?? token.end };
      const known = gpuModelsMeant(modelWord.read(text) ?? "").length > 0;
      if (!known && countedGpuModels(text) === undefined) continue;
      this.#cursor.skip(words.length - 1);
      this.#set(whole, "gpuModel", this.#model(whole, modelField, true));
      return;
    }
    const closest = closestWords(token.text, [...fieldNames, ...modelWord.options]);
    const allowed = `${flagNames.join(", ")}, a GPU model, or a condition like price<=1`;
    this.#cursor.refuseToken(token, `there is no word ${quoted(token.text)}`, allowed, closest);
  }

  /** The words from here on that no operator follows. */
  #wordsAlone(): Token[] {
    const words: Token[] = [];
    for (let token = this.#cursor.peek(); token?.kind === "word"; token = this.#cursor.peek(words.length)) {
      if (this.#cursor.peek(words.length + 1)?.kind === "operator") break;
      words.push(token);
    }
    return words;
  }

  #fieldOf(token: Token): Field {
    const field = fieldNamed(token.text);
    if (field !== undefined) return field;
    const closest = closestWords(token.text, fieldNames);
    const why = `there is no field ${quoted(token.text)}`;
    return this.#cursor.refuseToken(token, why, fieldNames.join(", "), closest);
  }

  #comparison({ name, field, operator, at, isList }: Comparison): void {
    const allowed = operatorsOf(field);
    if (!allowed.includes(operator)) {
      const why = `${field.name} can't be compared with ${at.text}`;
      this.#cursor.refuseToken(at, why, `${field.name} with ${allowed.join(" ")}`);
    }
    const values = isList ? readList(this.#cursor, field) : readValues(this.#cursor, field);
    const [value = at, second] = values;
    if (second !== undefined && field.kind !== "words") {
      this.#cursor.refuseToken(second, `${field.name} takes one value`, exampleOf(field));
    }
    const whole = { ...name, end: values.at(-1)?.end ?? at.end };
    if (field.kind === "words") {
      const isOneModel = operator === "=" && second === undefined;
      const read = values.map((one) =>
        field === modelField ? this.#model(one, field, isOneModel) : readWord(this.#cursor, field, one),
      );
      this.#set(whole, operator === "=" ? field.is : field.not, [...new Set(read)].join(","));
    } else if (field.kind === "word") this.#set(whole, field.is, readWord(this.#cursor, field, value));
    else if (field.kind === "flag") {
      const truth = readTruth(this.#cursor, field, value) === (operator === "=");
      this.#set(whole, field.is, truth ? "true" : "false");
    } else if (field.kind === "amount") {
      this.#set(whole, field.is, field.unit.toWire(readNumber(this.#cursor, field, value)));
    } else this.#bounds(whole, field, operator, value);
  }

  /** A model's name, and the count that it may say where one model alone is asked for. */
  #model(token: Token, field: WordsField, isOneModel: boolean): string {
    const counted = countedGpuModels(token.text);
    const word = readWord(this.#cursor, field, { ...token, text: counted?.name ?? token.text });
    this.#models.set(word, { at: token.at, end: token.end });
    if (counted === undefined) return word;
    if (!isOneModel || this.#counted !== undefined) {
      const why = `${quoted(token.text)} says a count, which is for one model alone`;
      this.#cursor.refuseToken(token, why, "models without a count, and count= besides", [word]);
    }
    this.#counted = { token, count: counted.count };
    return word;
  }

  /** A count in a model's name is the query's, which may say the same but no other. */
  #takeCount(): void {
    if (this.#counted === undefined) return;
    const { token, count } = this.#counted;
    const said = this.#wire.gpuCount;
    if (said !== undefined && said !== String(count)) {
      const why = `${quoted(token.text)} and count=${said} are two counts`;
      this.#cursor.refuseToken(token, why, "one count");
    }
    this.#wire.gpuCount = String(count);
  }

  /** Numbers are whole base units: less than 8 is 7 at most. */
  #bounds(whole: Token, field: NumberField, operator: Operator, value: Token): void {
    const { unit } = field;
    const units = readNumber(this.#cursor, field, value);
    const least = operator === ">" ? units + 1n : operator === ">=" || operator === "=" ? units : null;
    const most = operator === "<" ? units - 1n : operator === "<=" || operator === "=" ? units : null;
    if ((most !== null && most < 0n) || (least !== null && least > unit.most)) {
      this.#cursor.refuseToken(value, `no ${field.name} is ${operator} ${value.text}`, unit.allowed);
    }
    if (least !== null) this.#set(whole, field.min, unit.toWire(least));
    if (most !== null) this.#set(whole, field.max, unit.toWire(most));
    const [min, max] = [this.#wire[field.min], this.#wire[field.max]];
    const against = contradiction(field, min, max);
    if (against !== null) this.#cursor.refuseToken(whole, against, "bounds with something between them");
  }

  #set(whole: Token, parameter: string, value: string): void {
    if (parameter in this.#wire) {
      const why = `${quoted(this.#cursor.text.slice(whole.at, whole.end))} asks again what was asked before`;
      const allowed = "each condition once; a list for one of several: country=DE,NO";
      this.#cursor.refuseToken(whole, why, allowed);
    }
    this.#wire[parameter] = value;
  }
}
