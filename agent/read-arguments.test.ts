import { microUsdPerGpuHour, plainTerms } from "@ionet/protocol";
import { expect, it } from "vitest";
import { readArguments } from "./read-arguments.ts";

const run = (...options: string[]) => readArguments(["run", "--state", "s", ...options], {});

it("reads price, country, place and simulated GPUs", () => {
  expect(
    run(
      "--price",
      "0.40",
      "--country",
      "DE",
      "--simulate-gpus",
      "2xA100-40GB",
      "--switch-member",
      "7:10.77.0.10",
    ),
  ).toEqual({
    name: "run",
    stateFolder: "s",
    terms: plainTerms({ priceMicroUsdPerGpuHour: microUsdPerGpuHour(400_000n), country: "DE" }),
    network: { kind: "namespace", pid: 7, address: "10.77.0.10" },
    simulateGpus: "2xA100-40GB",
  });
});

it("without a price a node is not for hire", () => {
  expect(run()).toMatchObject({ terms: null, network: { kind: "loopback", address: "127.0.0.2" } });
});

it("takes price and country from the environment too", () => {
  const env = { IONET_PRICE: "1", IONET_COUNTRY: "US" };
  expect(readArguments(["run", "--state", "s"], env)).toMatchObject({
    terms: { priceMicroUsdPerGpuHour: 1_000_000n, country: "US", windows: [] },
  });
});

it.each([
  [["run"], "--state"],
  [["walk", "--state", "s"], "command"],
  [["run", "--state", "s", "--price", "free"], "--price"],
  [["run", "--state", "s", "--price", "0"], "--price"],
  [["run", "--state", "s", "--price", "1", "--country", "Germany"], "--country"],
  [["run", "--state", "s", "--address", "192.168.0.1"], "--address"],
  [["run", "--state", "s", "--switch-member", "10.77.0.10"], "--switch-member"],
  [["run", "--state", "s", "--control-plane", "ionet"], "--control-plane"],
  [["enroll", "--state", "s"], "--control-plane"],
  [["run", "--state", "s", "--colour", "red"], "command line"],
])("%j is refused, naming %s", (given, field) => {
  expect(() => readArguments(given, {})).toThrowError(
    expect.objectContaining({ code: "option-invalid", context: expect.objectContaining({ field }) }),
  );
});
