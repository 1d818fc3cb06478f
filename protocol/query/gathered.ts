import { contradiction } from "./bounds.ts";
import { type Cursor, quoted } from "./cursor.ts";
import type { NumberField } from "./fields.ts";
import type { Operator, Token } from "./tokens.ts";

/** A number with a unit that was compared: so many base units, where they stand. */
export type ComparedValue = {
  whole: Token;
  field: NumberField;
  operator: Operator;
  value: Token;
  units: bigint;
};

/** The typed parameters that a query's conditions mean, as they are on the wire, gathered one condition after the other. */
export class Gathered {
  readonly #cursor: Cursor;
  readonly wire: Record<string, string> = {};

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  set(whole: Token, parameter: string, value: string): void {
    if (parameter in this.wire) {
      const why = `${quoted(this.#cursor.text.slice(whole.at, whole.end))} asks again what was asked before`;
      const allowed = "each condition once; a list for one of several: country=DE,NO";
      this.#cursor.refuseToken(whole, why, allowed);
    }
    this.wire[parameter] = value;
  }

  /**
   * Numbers are whole base units: less than 8 is 7 at most. `parts`: what was compared is the sum of so many of the field's
   * own, all alike.
   */
  compare({ whole, field, operator, value, units }: ComparedValue, parts = 1n): void {
    const least = operator === ">" ? units + 1n : operator === ">=" || operator === "=" ? units : null;
    const most = operator === "<" ? units - 1n : operator === "<=" || operator === "=" ? units : null;
    if ((most !== null && most < 0n) || (least !== null && least > field.unit.most)) {
      this.#cursor.refuseToken(value, `no ${field.name} is ${operator} ${value.text}`, field.unit.allowed);
    }
    this.between(
      whole,
      field,
      least === null ? null : (least + parts - 1n) / parts,
      most === null ? null : most / parts,
    );
  }

  /** Base units, both included; null: no bound. */
  between(whole: Token, field: NumberField, least: bigint | null, most: bigint | null): void {
    if (least !== null) this.set(whole, field.min, field.unit.toWire(least));
    if (most !== null) this.set(whole, field.max, field.unit.toWire(most));
    const against = contradiction(field, this.wire[field.min], this.wire[field.max]);
    if (against !== null) this.#cursor.refuseToken(whole, against, "bounds with something between them");
  }
}
