import { closestWords } from "../closest.ts";
import { countedGpuModels } from "../gpu-models.ts";
import { Cursor, quoted } from "./cursor.ts";
import { type Field, fieldNamed, fields, modelField, type NumberField, type WordsField } from "./fields.ts";
import { Gathered } from "./gathered.ts";
import { OthersReader } from "./others-reader.ts";
import { otherWord } from "./others-words.ts";
import { decodeParameters, type Query } from "./query.ts";
import {
  exampleOf,
  operatorsOf,
  readList,
  readNumber,
  readRange,
  readTruth,
  readValues,
  readWord,
} from "./read-value.ts";
import { misspelt, type Operator, operators, type Token, wordOperators } from "./tokens.ts";
import { type Unreadable, UnreadableQuery, unreadableProblem } from "./unreadable.ts";
import { gpuModelsMeant, modelWord } from "./words.ts";

/** The longest query, in characters. */
export const LONGEST_QUERY = 1000;

/** A query that was read, where its text names which GPU models, and whether it says anything in other markets' words. */
export type ReadQuery = { query: Query; models: ReadonlyMap<string, Span>; inOthersWords: boolean };
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
export type ParsedComparison = { name: Token; operator: Operator; at: Token; isList: boolean };

class Reader {
  readonly #cursor: Cursor;
  readonly #gathered: Gathered;
  readonly #others: OthersReader;
  readonly #models = new Map<string, Span>();
  /** What a model's name says of a count: `8xA100`. */
  #counted: { token: Token; count: number } | undefined;

  constructor(text: string) {
    this.#cursor = new Cursor(text, LONGEST_QUERY);
    this.#gathered = new Gathered(this.#cursor);
    this.#others = new OthersReader(this.#cursor, this.#gathered, (comparison, field) =>
      this.#comparison(comparison, field),
    );
  }

  read(): ReadQuery {
    while (!this.#cursor.isAtEnd) this.#condition();
    this.#takeCount();
    this.#others.end();
    const read = decodeParameters(this.#gathered.wire);
    if ("query" in read) {
      return { query: read.query, models: this.#models, inOthersWords: this.#others.said };
    }
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
    const operator = this.#operator(token);
    const listed = this.#listOperator();
    if (token.kind === "not") this.#negated();
    else if (token.kind !== "word") {
      const why = `a condition can't begin with ${token.text}`;
      this.#cursor.refuseToken(token, why, "a word like gpu, price or verified");
    } else if (operator !== undefined && next !== undefined) {
      this.#cursor.skip();
      this.#compared({ name: token, operator, at: next, isList: false });
    } else if (listed !== null) {
      this.#cursor.skip(listed.words);
      this.#compared({ name: token, operator: listed.operator, at: token, isList: true });
    } else this.#bare(token);
  }

  /** The operator that stands next; one that is a word stands only behind a word that can be compared. */
  #operator(name: Token): Operator | undefined {
    const next = this.#cursor.peek();
    if (next?.kind === "operator") return operators.find((one) => one === next.text);
    const word = next?.kind === "word" ? next.text.toLowerCase() : "";
    const canBe = fieldNamed(name.text) !== undefined || otherWord(name.text) !== undefined;
    return canBe && Object.hasOwn(wordOperators, word) ? wordOperators[word] : undefined;
  }

  /** `in`, `not in` and `notin`, which stand before a list. */
  #listOperator(): { operator: "=" | "!="; words: number } | null {
    const [first, second] = [this.#cursor.peek(), this.#cursor.peek(1)].map((token) =>
      token?.text.toLowerCase(),
    );
    if (first === "in") return { operator: "=", words: 1 };
    if (first === "notin" || first === "nin") return { operator: "!=", words: 1 };
    return first === "not" && second === "in" ? { operator: "!=", words: 2 } : null;
  }

  /** `!verified` */
  #negated(): void {
    const token = this.#cursor.take("a word that is true or false");
    const field = token.kind === "word" ? fieldNamed(token.text) : undefined;
    if (field?.kind !== "flag") {
      if (token.kind === "word" && this.#others.alone(token, false)) return;
      const closest = closestWords(token.text, flagNames);
      const why = `${quoted(token.text)} is not a word that is true or false`;
      this.#cursor.refuseToken(token, why, `! before ${flagNames.join(", ")}`, closest);
    }
    this.#gathered.set(token, field.is, "false");
  }

  /** A word alone: one that is true or false, or a GPU model, which may be several words. */
  #bare(token: Token): void {
    const field = fieldNamed(token.text);
    if (field?.kind === "flag") {
      this.#gathered.set(token, field.is, "true");
      return;
    }
    if (this.#others.alone(token, true)) return;
    if (field !== undefined) this.#cursor.refuseToken(token, `${field.name} needs a value`, exampleOf(field));
    const words = [token, ...this.#wordsAlone()];
    for (; words.length > 0; words.pop()) {
      const text = words.map((word) => word.text).join(" ");
      const whole = { ...token, text, end: words.at(-1)?.end ?? token.end };
      const known = gpuModelsMeant(modelWord.read(text) ?? "").length > 0;
      if (!known && countedGpuModels(text) === undefined) continue;
      this.#cursor.skip(words.length - 1);
      this.#gathered.set(whole, "gpuModel", this.#model(whole, modelField, true));
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

  #compared(comparison: ParsedComparison): void {
    const { name, operator, isList } = comparison;
    const field = fieldNamed(name.text);
    const other = otherWord(name.text);
    if (field === undefined && other === undefined) {
      const closest = closestWords(name.text, fieldNames);
      const why = `there is no field ${quoted(name.text)}`;
      this.#cursor.refuseToken(name, why, fieldNames.join(", "), closest);
    }
    // Vast.ai's way to drop a condition that stands by itself.
    if (operator === "=" && !isList && /^(?:any|\*|\?)$/i.test(this.#cursor.peek()?.text ?? "")) {
      this.#cursor.skip();
    } else if (field !== undefined) this.#comparison(comparison, field);
    else if (other !== undefined) this.#others.compared(comparison, other);
  }

  #comparison({ name, operator, at, isList }: ParsedComparison, field: Field): void {
    const allowed = operatorsOf(field);
    if (!allowed.includes(operator)) {
      const why = `${name.text} can't be compared with ${at.text}`;
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
      this.#gathered.set(whole, operator === "=" ? field.is : field.not, [...new Set(read)].join(","));
    } else if (field.kind === "word")
      this.#gathered.set(whole, field.is, readWord(this.#cursor, field, value));
    else if (field.kind === "flag") {
      const truth = readTruth(this.#cursor, field, value) === (operator === "=");
      this.#gathered.set(whole, field.is, truth ? "true" : "false");
    } else if (field.kind === "amount") {
      this.#gathered.set(whole, field.is, field.unit.toWire(readNumber(this.#cursor, field, value)));
    } else this.#number(whole, field, operator, value);
  }

  #number(whole: Token, field: NumberField, operator: Operator, value: Token): void {
    const range = operator === "=" ? readRange(this.#cursor, field, value) : null;
    if (range !== null) this.#gathered.between(whole, field, range.least, range.most);
    else {
      const units = readNumber(this.#cursor, field, value);
      this.#gathered.compare({ whole, field, operator, value, units });
    }
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
    const said = this.#gathered.wire.gpuCount;
    if (said !== undefined && said !== String(count)) {
      const why = `${quoted(token.text)} and count=${said} are two counts`;
      this.#cursor.refuseToken(token, why, "one count");
    }
    this.#gathered.wire.gpuCount = String(count);
  }
}
