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

it("reads every term, and the network's own words for them come out", () => {
  const windows = ["--window", "mon-fri 20:00-06:00 Europe/Berlin", "--window", "sat,sun 00:00-24:00 UTC"];
  const durations = ["--min-duration", "30m", "--max-duration", "7d"];
  const prices = ["--price", "0.40", "--interruptible-price", "0.25", "--currency", "USDC"];
  expect(run(...prices, "--country", "DE", ...durations, ...windows)).toMatchObject({
    terms: {
      interruptiblePriceMicroUsdPerGpuHour: 250_000n,
      minSeconds: 1800,
      maxSeconds: 604_800,
      windows: [
        { from: "20:00", timeZone: "Europe/Berlin" },
        { days: ["sat", "sun"], to: "24:00" },
      ],
      currencies: ["USDC"],
    },
  });
});

it.each([
  ["--price", "1000.000001"],
  ["--price", "0.0000001"],
  ["--price", "99999999999999999999"],
  ["--interruptible-price", "1.00"],
  ["--country", "ZZ"],
  ["--min-duration", "31d"],
  ["--min-duration", "30"],
  ["--window", "weekends"],
  ["--window", "mon 08:00-08:00 UTC"],
  ["--currency", "BTC"],
])("terms that make no sense are refused, naming %s and %s", (option, given) => {
  const others = ["--price", "1.00", "--country", "DE"];
  expect(() => run(...others, option, given)).toThrow(
    expect.objectContaining({
      code: "option-invalid",
      context: expect.objectContaining({ field: option, given }),
    }),
  );
});

it("a term without a price is refused, not passed over", () => {
  expect(() => run("--window", "daily 00:00-24:00 UTC")).toThrow(
    expect.objectContaining({ context: expect.objectContaining({ field: "--price" }) }),
  );
});
