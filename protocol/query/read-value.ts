import { closestWords } from "../closest.ts";
import { type Cursor, quoted } from "./cursor.ts";
import type { Field, NumberField } from "./fields.ts";
import type { Operator, Token } from "./tokens.ts";

/* What may stand behind a field's operator: each reads tokens as that field's value, or refuses with what is allowed. */

/** The operators a field can be compared with. */
export function operatorsOf(field: Field): readonly Operator[] {
  if (field.kind === "number") return [...(field.boundsOnly ? [] : ["=" as const]), "<", "<=", ">", ">="];
  if (field.kind === "amount" && field.atLeast) return ["=", ">=", ">"];
  if (field.kind === "amount" || field.kind === "word") return ["="];
  return ["=", "!="];
}

/** What a field's value looks like, for an error message. */
export function exampleOf(field: Field): string {
  if (field.kind === "number") return `${field.name}>= and ${field.unit.allowed}`;
  if (field.kind === "amount") return `${field.name}= and ${field.unit.allowed}`;
  if (field.kind === "flag") return `${field.name} or !${field.name}`;
  return `${field.name}= and ${field.word.allowed}`;
}

/** `DE` or `DE,NO`, with or without spaces after the commas; `[DE, NO]` too. */
export function readValues(cursor: Cursor, field: Field): Token[] {
  if (cursor.peek()?.kind === "open") return readList(cursor, field);
  const values = [readValue(cursor, field)];
  while (cursor.peek()?.kind === "comma") {
    cursor.skip();
    values.push(readValue(cursor, field));
  }
  return values;
}

/** `[DE, NO]` */
export function readList(cursor: Cursor, field: Field): Token[] {
  const open = cursor.take("[ and a list");
  if (open.kind !== "open") {
    cursor.refuseToken(open, "a list begins with [", `${field.name} in [one, another]`);
  }
  const values = [readValue(cursor, field)];
  for (;;) {
    const token = cursor.take(", or ]");
    if (token.kind === "close") return values;
    if (token.kind !== "comma") cursor.refuseToken(token, "the list does not end", ", or ]");
    values.push(readValue(cursor, field));
  }
}

function readValue(cursor: Cursor, field: Field): Token {
  const token = cursor.take(exampleOf(field));
  if (token.kind === "word" && token.text !== "") return token;
  return cursor.refuseToken(token, `${field.name} needs a value`, exampleOf(field));
}

export function readWord(
  cursor: Cursor,
  field: Extract<Field, { kind: "words" | "word" }>,
  token: Token,
): string {
  const word = field.word.read(token.text);
  if (word !== null) return word;
  const meant = field.word.meant?.(token.text) ?? null;
  const closest = meant === null ? closestWords(token.text, field.word.options) : [meant];
  return cursor.refuseToken(token, `${quoted(token.text)} is no ${field.name}`, field.word.allowed, closest);
}

export function readTruth(cursor: Cursor, field: Field, token: Token): boolean {
  const word = token.text.toLowerCase();
  if (word === "true" || word === "yes" || word === "1") return true;
  if (word === "false" || word === "no" || word === "0") return false;
  const allowed = `${field.name}, !${field.name} or ${field.name}=true`;
  return cursor.refuseToken(token, `${field.name} is true or false`, allowed);
}

/** The number in base units, within the field's bounds. */
export function readNumber(
  cursor: Cursor,
  field: Extract<Field, { kind: "number" | "amount" }>,
  token: Token,
): bigint {
  const [least, most] = field.kind === "amount" ? [field.least, field.most] : [0n, field.unit.most];
  const units = field.unit.read(token.text);
  const unsaid = units === null ? (field.unit.unsaid?.(token.text) ?? null) : null;
  if (unsaid !== null) {
    const why = `${token.text} of what? ${field.name} needs the unit`;
    const operator = field.kind === "amount" ? "=" : ">=";
    cursor.refuseToken(
      token,
      why,
      field.unit.allowed,
      unsaid.map((one) => `${field.name}${operator}${one}`),
    );
  }
  if (units === null) {
    return cursor.refuseToken(token, `${quoted(token.text)} is no ${field.name}`, field.unit.allowed);
  }
  if (units < least || units > most) {
    const range = `${field.unit.write(least)} to ${field.unit.write(most)}`;
    cursor.refuseToken(token, `${token.text} is out of bounds`, `${range}: ${field.unit.allowed}`);
  }
  return units;
}

/** `24GB..80GB`, `8..`, `..64` and `4+`, as SkyPilot and dstack write bounds; null for a value that is no range. */
export function readRange(
  cursor: Cursor,
  field: NumberField,
  token: Token,
): { least: bigint | null; most: bigint | null } | null {
  const { text } = token;
  const [from, to] = text.endsWith("+") ? [text.slice(0, -1), ""] : text.split("..");
  if (from === undefined || to === undefined || (from === "" && to === "")) return null;
  const bound = (one: string) => (one === "" ? null : readNumber(cursor, field, { ...token, text: one }));
  return { least: bound(from), most: bound(to) };
}
