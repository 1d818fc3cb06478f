import { requestStateSchema } from "@ionet/protocol";
import { expect, test } from "vitest";
import { decideRequest, type RequestStep } from "./decide-request.ts";
import { type RequestRecord, requestChanges } from "./model.ts";
import { requestOf } from "./testing/requests.ts";

type Seen = Parameters<typeof decideRequest>[1];
const quoted = { quoteId: "quo_a" as RequestRecord["quoteId"] };
const held = { ...quoted, state: "held" } as const;
const of = (state: "held" | "funded" | "expired" | "released"): Seen => ({ state, reason: "why" });
const END = 1000;

test.each<
  [what: string, request: Partial<RequestRecord>, reservation: Seen, nowMs: number, step: RequestStep]
>([
  ["one that waits goes on waiting", {}, null, END - 1, null],
  ["until its time is over", {}, null, END, { do: "expire", reason: expect.any(String) }],
  ["what was booked before a crash is held", quoted, of("held"), 0, { do: "hold" }],
  ["even after its time", quoted, of("held"), END, { do: "hold" }],
  ["and when it has ended meanwhile: held first, then the rest", quoted, of("expired"), 0, { do: "hold" }],
  ["a quote that was not booked is forgotten", quoted, null, 0, { do: "forget-quote" }],
  ["a hold is left alone", held, of("held"), END, null],
  ["a funded one is fulfilled", held, of("funded"), END, { do: "fulfil" }],
  ["a lapsed one waits again", held, of("expired"), 0, { do: "wait-again" }],
  ["one whose escrow was refused too", held, of("released"), 0, { do: "wait-again" }],
  [
    "not a second time",
    { ...held, lapses: 1 },
    of("expired"),
    0,
    { do: "expire", reason: "held 2 times: why" },
  ],
  [
    "nor after its time",
    held,
    of("expired"),
    END,
    { do: "expire", reason: "held, and its time was over then: why" },
  ],
  ["the cancelled stay", { state: "cancelled" }, null, END, null],
])("%s", (_what, request, reservation, nowMs, step) => {
  expect(decideRequest(requestOf("a", 1, { waitUntilMs: END, ...request }), reservation, nowMs)).toEqual(
    step,
  );
});

test("every state is in the table, and what has ended changes no more", () => {
  expect(Object.keys(requestChanges)).toEqual(requestStateSchema.options);
  for (const state of ["fulfilled", "expired", "cancelled"] as const)
    expect(requestChanges[state]).toEqual([]);
});
