import { type Field, fieldsOf, type NumberField } from "./fields.ts";
import { wireOf } from "./format.ts";
import type { Query } from "./query.ts";

/** Why nothing can be within both bounds, which are as on the wire; null where something can. */
export function contradiction(
  { name, unit }: NumberField,
  min: string | undefined,
  max: string | undefined,
): string | null {
  if (min === undefined || max === undefined) return null;
  const [least, most] = [unit.fromWire(min), unit.fromWire(max)];
  if (least <= most) return null;
  return `${name}>=${unit.write(least)} and ${name}<=${unit.write(most)} contradict each other: no ${name} is both`;
}

const isNumber = (field: Field): field is NumberField => field.kind === "number";

/** The first two bounds of a query that contradict each other, with what was given for them; null: none do. */
export function contradictoryBounds(
  query: Query,
): { min: string; max: string; given: [string, string]; why: string } | null {
  const both = fieldsOf(query)
    .filter(isNumber)
    .filter((field) => query[field.min] !== undefined && query[field.max] !== undefined);
  if (both.length === 0) return null;
  const wire = wireOf(query);
  for (const field of both) {
    const [min, max] = [wire[field.min], wire[field.max]];
    const why = contradiction(field, min, max);
    if (why === null || min === undefined || max === undefined) continue;
    return { min: field.min, max: field.max, given: [min, max], why };
  }
  return null;
}
