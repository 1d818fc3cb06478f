import { z } from "zod";
import { closestWords } from "./closest.ts";
import { type Problem, problem } from "./problems.ts";
import { fieldNamed, fields } from "./query/fields.ts";
import { otherWord } from "./query/others-words.ts";
import type { WordKind } from "./query/words.ts";

const SHOWN = 100;
const SECRET = /token|secret|signature|proof|password|key/i;
const WORDS_SUGGESTED = 3;

/** The text of a value for an error message: short, and never a secret. */
function shown(path: readonly PropertyKey[], value: unknown): string {
  if (path.some((part) => SECRET.test(String(part)))) return "(not shown)";
  const text =
    JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part)) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** The value at a path; a list of a query is one text with commas. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here: unknown = value;
  for (const part of path) {
    if (typeof here === "string" && typeof part === "number") here = here.split(",")[part]?.trim();
    else if (typeof here !== "object" || here === null) return undefined;
    else here = Reflect.get(here, part);
  }
  return here;
}

/** How a word in a search's parameter is read; undefined where none is: the list as a whole has no nearest word. */
function wordAt([parameter, place]: readonly PropertyKey[]): WordKind | undefined {
  for (const field of fields) {
    if (field.kind === "word" && field.is === parameter) return field.word;
    const isList = field.kind === "words" && (field.is === parameter || field.not === parameter);
    if (isList && place !== undefined) return field.word;
  }
  return undefined;
}

const isQueryWord = (word: string) => fieldNamed(word) !== undefined || otherWord(word) !== undefined;

function nearest(typed: string, options: readonly string[], words: WordKind | undefined): string[] {
  const meant = words?.meant?.(typed) ?? null;
  return meant === null ? closestWords(typed, options, WORDS_SUGGESTED) : [meant];
}

/**
 * What a schema did not accept, as `invalid-request`: the first field in full with the nearest words, the others by
 * name. The server says it of what it received, the SDK of what it was given, in the same words.
 */
export function invalidRequest(
  where: "path" | "query" | "body",
  schema: z.ZodType,
  given: unknown,
  error: z.ZodError,
): Problem {
  const [first] = error.issues;
  const unknownKeys = first?.code === "unrecognized_keys" ? first.keys.slice(0, 1) : [];
  const path = [...(first?.path ?? []), ...unknownKeys];
  // A parameter has no parts: its list is one text.
  const field = (where === "query" ? path.slice(0, 1) : path).map(String).join(".") || where;
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const words = where === "query" ? wordAt(path) : undefined;
  const message = first?.message ?? "another value";
  const allowed =
    unknownKeys.length > 0 ? `one of ${names.join(", ") || "nothing"}` : (words?.allowed ?? message);
  const value = valueAt(given, path);
  const options =
    unknownKeys.length > 0
      ? names
      : (words?.options ?? (first?.code === "invalid_value" ? first.values.map(String) : []));
  const typed = unknownKeys[0] ?? value;
  const closest = typeof typed === "string" && typed !== "" ? nearest(typed, options, words) : [];
  const others = error.issues
    .slice(1, 6)
    .map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`);
  const meant = closest.length > 0 ? `Did you mean ${closest.join(", ")}? ` : "";
  const inWords = names.includes("q") && unknownKeys.some(isQueryWord);
  const put = inWords
    ? `Words of the query language stand in q, like q=${field}=…, with their unit. `
    : meant;
  return problem("invalid-request", {
    detail: `${field} in the ${where}: ${message}${others.length > 0 ? `; also ${others.join("; ")}` : ""}`,
    field,
    given: shown(path, value),
    allowed,
    next: `${put}Correct ${field} and send the request again; docs/openapi.json describes every field.`,
    ...(closest.length > 0 ? { closest } : {}),
  });
}
