import { z } from "zod";
import { type Field, fieldsOf } from "./fields.ts";
import { type Query, querySchema } from "./query.ts";

/** One condition of a query, as it is typed, and the parameters that it is made of. */
export type QueryPart = { field: Field; text: string; query: Query };

/** The query in its normal form: conditions in the order of the fields' table, numbers in their largest whole unit. */
export const formatQuery = (query: Query): string =>
  queryParts(query)
    .map((part) => part.text)
    .join(" ");

/** A query's conditions, each alone, in the order of the normal form. */
export function queryParts(query: Query): QueryPart[] {
  const wire = wireOf(query);
  return fieldsOf(wire).flatMap((field) => textsOf(field, wire).map((part) => ({ field, ...part })));
}

/** A query's parameters as they are on the wire. */
export function wireOf(query: Query): Readonly<Record<string, string>> {
  const entries = Object.entries(z.encode(querySchema, query));
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

type Text = { text: string; query: Query };

function textsOf(field: Field, wire: Readonly<Record<string, string>>): Text[] {
  const part = (text: string, ...parameters: string[]): Text => ({
    text,
    query: querySchema.decode(Object.fromEntries(parameters.map((name) => [name, wire[name]]))),
  });
  if (field.kind === "number") {
    const [min, max] = [wire[field.min], wire[field.max]];
    const write = (value: string) => field.unit.write(field.unit.fromWire(value));
    if (min !== undefined && min === max) return [part(`${field.name}=${write(min)}`, field.min, field.max)];
    return [
      ...(min === undefined ? [] : [part(`${field.name}>=${write(min)}`, field.min)]),
      ...(max === undefined ? [] : [part(`${field.name}<=${write(max)}`, field.max)]),
    ];
  }
  const value = wire[field.is];
  const not = field.kind === "words" ? wire[field.not] : undefined;
  return [
    ...(value === undefined ? [] : [part(textOf(field, value), field.is)]),
    ...(field.kind !== "words" || not === undefined ? [] : [part(`${field.name}!=${list(not)}`, field.not)]),
  ];
}

function textOf(field: Exclude<Field, { kind: "number" }>, value: string): string {
  if (field.kind === "flag") return value === "true" ? field.name : `!${field.name}`;
  if (field.kind === "amount") return `${field.name}=${field.unit.write(field.unit.fromWire(value))}`;
  return `${field.name}=${list(value)}`;
}

const list = (wire: string): string =>
  wire
    .split(",")
    .map((word) => (/[\s[\]=<>!]/.test(word) || word === "" ? `"${word}"` : word))
    .join(",");
