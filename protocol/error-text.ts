/** What these say is that there was an error; which one is inside. `fetch` throws them. */
const EMPTY_WORDS = ["", "fetch failed", "terminated"];

/** What went wrong, in one line, of whatever was thrown. */
export function errorText(thrown: unknown): string {
  if (!(thrown instanceof Error))
    return oneLine(typeof thrown === "object" ? objectText(thrown) : String(thrown));
  if (EMPTY_WORDS.includes(thrown.message)) {
    const inner: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown.cause;
    if (inner !== undefined) return errorText(inner);
  }
  if (thrown.message !== "") return oneLine(thrown.message);
  return "code" in thrown ? String(thrown.code) : thrown.name;
}

/** Some libraries throw plain objects. */
function objectText(thrown: object | null): string {
  try {
    return JSON.stringify(thrown);
  } catch {
    return "something that can't be written down";
  }
}

const oneLine = (text: string) => text.trim().replace(/\s*\n\s*/g, " ");
