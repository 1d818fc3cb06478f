import { errorText } from "@ionet/machine";
import { problem } from "@ionet/protocol";

/** No call takes anything nested deeper; what reads and shows a body is recursive. */
const DEEPEST = 32;

/** Reads a body. Throws `invalid-request` for what is no JSON, no UTF-8, or nested without end. */
export function parseJson(raw: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw));
  } catch (error) {
    throw unreadable(
      raw.length === 0 ? "the call needs a body and has none" : `the body is no JSON: ${errorText(error)}`,
    );
  }
  if (isDeeper(value)) throw unreadable(`the body is nested deeper than ${DEEPEST} levels`);
  return value;
}

/** Looks level by level, since recursion is what a deep body would break. */
function isDeeper(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return false;
}

const unreadable = (detail: string) =>
  problem("invalid-request", {
    detail,
    field: "body",
    allowed: "one JSON object, with Content-Type: application/json",
    next: "Send a JSON object as /openapi.json describes it.",
  });
