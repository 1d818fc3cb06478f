import { type Answer, microUsdPerGpuHour } from "@ionet/protocol";
import { expect, test } from "vitest";
import { searchText } from "./search-text.ts";

const found = (change: Partial<Answer<"searchOffers">> = {}): Answer<"searchOffers"> => ({
  ...{ items: [], nextCursor: null, matching: { offers: 0, gpusFree: 0 }, shortage: null, listed: null },
  asOf: "2026-11-22T12:00:00.000Z",
  ...change,
});

const listed: Answer<"searchOffers">["listed"] = {
  items: [
    {
      ...{ source: "catalogue", provider: "AWS", gpuModel: "a100-40gb", tier: "on_demand", gpus: 1 },
      ...{ priceMicroUsdPerGpuHour: microUsdPerGpuHour(2_744_700n), gpusFree: null, region: "us-east-1" },
      ...{ asOf: "2026-06-15", ageDays: 160, from: "price list", link: "https://aws.example/prices" },
      ...{ note: "", bookable: false, simulated: false },
    },
  ],
  ...{ matching: 1, unchecked: [], failures: [] },
};

const shortage: Answer<"searchOffers">["shortage"] = {
  ...{ gpusWanted: 1, gpusFree: 0, conditions: [], together: null, advice: "0 GPUs of 1 wanted are free" },
};

test("who asks others only reads what they list and where, and no word of what is for hire here", () => {
  const lines = searchText(found({ listed })).split("\n");
  expect(lines[0]).toBe("listed elsewhere, not bookable here (1 of 1, cheapest first):");
  expect(lines.at(-1)).toMatch(/^AWS .*\$2\.7447 .*https:\/\/aws\.example\/prices$/);
});

test("who asks the network too is told that it has none, and why", () => {
  const text = searchText(found({ listed, shortage }));
  expect(text).toMatch(
    /^Nothing like this is for hire just now\.\ntoo few: 0 GPUs of 1 wanted are free\n\nlisted/,
  );
});
