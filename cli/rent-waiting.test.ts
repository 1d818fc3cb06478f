import { createIonet } from "@ionet/sdk";
import { generateKeyPairSigner } from "@solana/kit";
import { expect, test } from "vitest";
import { rentWaiting } from "./rent-waiting.ts";
import { eventText } from "./waiting-text.ts";

/** A terminal whose person is never asked, beside a control plane that must not be. */
async function alone(nowMs: number) {
  const said: string[] = [];
  const unasked = () => Promise.reject(new Error("nobody is asked"));
  const note = (text: string) => {
    said.push(text);
  };
  const terminal = {
    ...{
      out: note,
      note,
      draw: note,
      pour: async () => {},
      env: {},
      clock: { now: () => nowMs },
      interactive: false,
    },
    ...{ signal: new AbortController().signal, confirm: unasked },
  };
  const ionet = createIonet({ url: "http://127.0.0.1:9", fetch: unasked });
  return { said, parts: { terminal, ionet, wallet: await generateKeyPairSigner(), yes: false } };
}

test.each([
  ["a time that is over", -1],
  ["now", 0],
])("to wait until %s is refused before anything is said or asked", async (_what, ms) => {
  const nowMs = Date.UTC(2026, 0, 1);
  const { said, parts } = await alone(nowMs);
  const waiting = rentWaiting(
    parts,
    { gpuModel: "a100-40gb", gpuCount: 1 },
    { waitUntil: new Date(nowMs + ms) },
  );
  await expect(waiting).rejects.toMatchObject({
    code: "invalid-request",
    context: { field: "--wait-until", given: new Date(nowMs + ms).toISOString() },
  });
  expect(said).toEqual([]);
});

test("an event is a line: when, what, why, and which reservation", () => {
  const event = { id: 1, at: "2026-01-01T00:00:00.123Z", detail: null, reservationId: null };
  expect(eventText({ ...event, event: "created" })).toBe("2026-01-01T00:00:00Z  created");
  expect(eventText({ ...event, event: "waits", detail: "free now: 0" })).toBe(
    "2026-01-01T00:00:00Z  waits  free now: 0",
  );
});
