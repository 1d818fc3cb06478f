import { formatUnits } from "../money.ts";
import { type Cursor, quoted } from "./cursor.ts";
import type { Field, NumberField } from "./fields.ts";
import type { ComparedValue, Gathered } from "./gathered.ts";
import { type OtherWord, otherWord } from "./others-words.ts";
import type { ParsedComparison } from "./parse.ts";
import { exampleOf, operatorsOf, readList, readNumber, readTruth, readValues } from "./read-value.ts";
import type { Token } from "./tokens.ts";

type Other<Kind extends OtherWord["kind"]> = Extract<OtherWord, { kind: Kind }>;

/** Reads the conditions of a query that stand in other markets' words, or refuses them with ours. */
export class OthersReader {
  readonly #cursor: Cursor;
  readonly #gathered: Gathered;
  readonly #comparison: (comparison: ParsedComparison, field: Field) => void;
  /** The GPUs of a whole offer, where `num_gpus=` says them. */
  #offerGpus: bigint | undefined;
  /** Prices of whole offers, which wait for the number of GPUs: it may stand behind them. */
  readonly #offerPrices: (ComparedValue & { name: string })[] = [];
  /** Whether any such word was read. */
  said = false;

  constructor(
    cursor: Cursor,
    gathered: Gathered,
    comparison: (comparison: ParsedComparison, field: Field) => void,
  ) {
    this.#cursor = cursor;
    this.#gathered = gathered;
    this.#comparison = comparison;
  }

  /** A condition in another's word; the cursor stands at its value. */
  compared(comparison: ParsedComparison, other: OtherWord): void {
    this.said = true;
    if (other.kind === "refused") this.#refuse(comparison.name, other);
    else if (other.kind === "fact") this.#fact(comparison, other);
    else if (other.kind === "gpus") this.#gpus(comparison, other.field);
    else if (other.kind === "offer-price") this.#offerPrice(comparison, other.field);
    else {
      const first = this.#cursor.peek()?.kind === "open" ? this.#cursor.peek(1) : this.#cursor.peek();
      this.#comparison(comparison, other.field(first?.text ?? ""));
    }
  }

  /** Another's word alone, or behind `!`; false where it is none. */
  alone(name: Token, isTrue: boolean): boolean {
    const other = otherWord(name.text);
    if (other === undefined) return false;
    this.said = true;
    if (other.kind === "refused") this.#refuse(name, other);
    if (other.kind === "fact") this.#checkFact(name, name, isTrue, other);
    else {
      const field = other.kind === "field" ? other.field("") : other.field;
      this.#cursor.refuseToken(name, `${name.text} needs a value`, exampleOf(field));
    }
    return true;
  }

  /** Nothing more is to come: prices of whole offers are split among their GPUs. */
  end(): void {
    for (const { name, ...price } of this.#offerPrices) {
      if (this.#offerGpus === undefined) this.#refuseOfferPrice(name, price);
      this.#gathered.compare(price, this.#offerGpus);
    }
  }

  #refuse(name: Token, { means, write }: Other<"refused">): never {
    const allowed = write.length === 0 ? "the query without it" : write.join(", ");
    return this.#cursor.refuseToken(
      name,
      `${quoted(name.text)} is another market's word: ${means}`,
      allowed,
      write,
    );
  }

  #fact({ name, operator, at, isList }: ParsedComparison, other: Other<"fact">): void {
    // Read as a flag of ours would be; it sets nothing.
    const flag: Field = { kind: "flag", name: name.text, is: "bookable", means: other.means, aliases: [] };
    if (operator !== "=" && operator !== "!=") {
      this.#cursor.refuseToken(
        at,
        `${name.text} can't be compared with ${at.text}`,
        `${name.text} with = !=`,
      );
    }
    const values = isList ? readList(this.#cursor, flag) : readValues(this.#cursor, flag);
    // One of several is a fact where any of them is.
    const truths = values.map((value) => readTruth(this.#cursor, flag, value));
    const said = truths.includes(other.fact) === (operator === "=") ? other.fact : !other.fact;
    this.#checkFact(name, values.at(-1) ?? at, said, other);
  }

  #checkFact(name: Token, last: Token, said: boolean, { fact, means }: Other<"fact">): void {
    if (said === fact) return;
    const why = `no offer is ${said ? "" : "not "}${name.text} here: ${means}`;
    this.#cursor.refuseToken({ ...name, end: last.end }, why, "the query without it");
  }

  /** An offer of 4 GPUs there is a node with 4 free or more here: any part of it can be hired. */
  #gpus(comparison: ParsedComparison, field: NumberField): void {
    const { name, operator, at } = comparison;
    const value = this.#cursor.peek();
    if (operator === "<" || operator === "<=") {
      const why = `${name.text} is how many GPUs an offer has; here a node with more free gives fewer too`;
      const allowed = `gpus${operator} for nodes with no more free, num_gpus= or count= for how many are wanted`;
      this.#cursor.refuseToken(at, why, allowed, [`gpus${operator}${value?.text ?? ""}`]);
    }
    const gpus = field.unit.read(value?.text ?? "");
    if (operator === "=" && !comparison.isList && gpus !== null && gpus > 0n) this.#offerGpus = gpus;
    this.#comparison({ ...comparison, operator: operator === "=" ? ">=" : operator }, field);
  }

  #offerPrice({ name, operator, at, isList }: ParsedComparison, field: NumberField): void {
    const allowed = operatorsOf(field);
    if (!allowed.includes(operator) || isList) {
      const why = `${name.text} can't be compared with ${isList ? "a list" : at.text}`;
      this.#cursor.refuseToken(at, why, `${field.name} with ${allowed.join(" ")}`);
    }
    const [value = at, second] = readValues(this.#cursor, field);
    if (second !== undefined) {
      this.#cursor.refuseToken(second, `${name.text} takes one value`, exampleOf(field));
    }
    const units = readNumber(this.#cursor, field, value);
    const whole = { ...name, end: value.end };
    this.#offerPrices.push({ name: name.text, whole, field, operator, value, units });
  }

  #refuseOfferPrice(name: string, { whole, field, operator, units }: ComparedValue): never {
    const { minGpus, gpuCount } = this.#gathered.wire;
    const gpus = BigInt(minGpus ?? gpuCount ?? 1);
    const each = gpus === 0n ? units : units / gpus;
    const price = `${field.name}${operator}${formatUnits(each, 6)}`;
    const why = `${name} is dollars an hour of a whole offer elsewhere; ${field.name} is per GPU-hour here`;
    return this.#cursor.refuseToken(
      whole,
      why,
      `${price} for each of ${gpus} GPU${gpus === 1n ? "" : "s"}, or num_gpus= beside it`,
      [price],
    );
  }
}
