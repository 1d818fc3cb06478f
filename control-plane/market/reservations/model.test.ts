import { reservationStateSchema } from "@ionet/protocol";
import { expect, test } from "vitest";
import { statesBefore } from "./model.ts";

test("a reservation is funded, expires or is released only while it is held", () => {
  const before = Object.fromEntries(reservationStateSchema.options.map((to) => [to, statesBefore(to)]));
  expect(before).toEqual({ held: [], funded: ["held"], expired: ["held"], released: ["held"] });
});
