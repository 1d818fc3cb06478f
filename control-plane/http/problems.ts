import { type Problem, problem } from "@ionet/protocol";
import { z } from "zod";

const SHOWN = 100;
const SECRET = /token|secret|signature|proof|password|key/i;

/** The text of a value for an error message: short, and never a secret. */
function shown(path: readonly PropertyKey[], value: unknown): string {
  if (path.some((part) => SECRET.test(String(part)))) return "(not shown)";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here: unknown = value;
  for (const part of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = Reflect.get(here, part);
  }
  return here;
}

/** What a schema did not accept, as `invalid-request`: the first field in full, the others by name. */
export function invalidRequest(
  where: "path" | "query" | "body",
  schema: z.ZodType,
  given: unknown,
  error: z.ZodError,
): Problem {
  const [first] = error.issues;
  const path = first?.path ?? [];
  const unknownKeys = first?.code === "unrecognized_keys" ? first.keys : [];
  const field = [...path, ...unknownKeys.slice(0, 1)].map(String).join(".") || where;
  const allowed =
    unknownKeys.length > 0 && schema instanceof z.ZodObject
      ? `one of ${Object.keys(schema.shape).join(", ") || "nothing"}`
      : (first?.message ?? "another value");
  const value = valueAt(given, [...path, ...unknownKeys.slice(0, 1)]);
  const others = error.issues
    .slice(1, 6)
    .map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`);
  return problem("invalid-request", {
    detail: `${field} in the ${where}: ${first?.message ?? "not readable"}${others.length > 0 ? `; also ${others.join("; ")}` : ""}`,
    field,
    given: shown([...path, ...unknownKeys], value),
    allowed,
    next: `Correct ${field} and send the request again; docs/openapi.json describes every field.`,
  });
}
