import { afterEach, expect, test } from "vitest";
import { catalogueConnector } from "./catalogue-connector.ts";
import { listInventories } from "./inventory-connector.ts";
import { startVastServer, type VastAnswer, vastOffer } from "./testing/vast-server.ts";
import { vastConnector } from "./vast-connector.ts";

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end();
});

async function vast(answer: VastAnswer) {
  const server = await startVastServer(answer);
  cleanUp.push(server.close);
  let nowMs = Date.UTC(2026, 10, 22, 12);
  const clock = { now: () => nowMs, advance: (minutes: number) => (nowMs += minutes * 60_000) };
  return { server, clock, connector: vastConnector(server.url, clock) };
}

test("an offer of Vast.ai is listed with price, place, time and link, and is not bookable here", async () => {
  const { connector, server } = await vast({ offers: [vastOffer()] });
  const { listings, failure } = await connector.list(["a100-40gb"]);
  expect(failure).toBeNull();
  expect(listings).toMatchObject([
    { tier: "on_demand", microUsd: 2_433_333n, gpus: 4, hours: 1, gpusFree: 4, region: "Norway, NO" },
    { tier: "spot", microUsd: 1_200_000n, note: "least bid, a machine of 4" },
  ]);
  expect(listings[0]).toMatchObject({
    ...{ source: "vast.ai", bookable: false, link: "https://cloud.vast.ai/" },
    ...{ date: "2026-11-22T12:00:00.000Z", from: "offer 1234567" },
  });
  const [asked] = server.asked;
  expect(asked?.pathname).toBe("/api/v0/bundles/");
  expect(JSON.parse(asked?.searchParams.get("q") ?? "")).toMatchObject({
    rentable: { eq: true },
    type: "on-demand",
  });
});

test("what can't be read, is not for hire or is no GPU of the catalogue is left out; the rest stands", async () => {
  const { connector } = await vast({
    offers: [
      null,
      "text",
      vastOffer({ dph_total: -1 }),
      vastOffer({ dph_total: "2.40" }),
      vastOffer({ dph_total: 1e-9, min_bid: null }),
      vastOffer({ num_gpus: 0 }),
      vastOffer({ rentable: false }),
      vastOffer({ gpu_name: "Imagined X1" }),
      // A 4090 with changed memory is no 4090 of the catalogue.
      vastOffer({ gpu_name: "RTX 4090", gpu_ram: 49_140 }),
      vastOffer({
        gpu_name: "RTX 4090",
        gpu_ram: 24_564,
        min_bid: null,
        geolocation: "\u001b[31mOslo\u202e, NO",
      }),
    ],
  });
  const { listings } = await connector.list(["a100-40gb", "rtx-4090"]);
  expect(listings).toMatchObject([{ gpuModel: "rtx-4090", region: "31mOslo, NO" }]);
});

test("one question serves all who ask within minutes; then it is asked again", async () => {
  const { connector, server, clock } = await vast({ offers: [vastOffer()] });
  await Promise.all([connector.list(["a100-40gb"]), connector.list(["t4"]), connector.list(["a100-40gb"])]);
  clock.advance(4);
  await connector.list(["a100-40gb"]);
  expect(server.asked).toHaveLength(1);
  clock.advance(2);
  await connector.list(["a100-40gb"]);
  expect(server.asked).toHaveLength(2);
});

test("when it fails the last answer goes on for an hour with its age told, and it is not asked at every turn", async () => {
  const { connector, server, clock } = await vast({ offers: [vastOffer()] });
  await connector.list(["a100-40gb"]);
  server.answer.status = 500;
  clock.advance(10);
  const stale = await connector.list(["a100-40gb"]);
  expect(stale.listings).toHaveLength(2);
  expect(stale.failure).toBe("it answered 500; shown is what it listed at 2026-11-22T12:00:00.000Z");
  await connector.list(["a100-40gb"]);
  expect(server.asked).toHaveLength(2);
  clock.advance(60);
  expect(await connector.list(["a100-40gb"])).toEqual({ listings: [], failure: "it answered 500" });
});

test.each([
  ["no JSON", { body: "<html>" }, "its answer is no JSON"],
  ["another form", { body: '{"offers":7}' }, "its answer is not in the documented form"],
  ["too much", { body: " ".repeat(17 * 1024 * 1024) }, "it answered more than 16777216 bytes"],
])("an answer that is %s is a failure that is told", async (_, answer, failure) => {
  const { connector } = await vast(answer);
  expect(await connector.list(["a100-40gb"])).toEqual({ listings: [], failure });
});

test("an inventory that is silent or gone keeps nobody waiting for long, and the catalogue answers all the same", async () => {
  const { connector: silent } = await vast({ silent: true });
  const { connector: gone, server } = await vast({});
  await server.close();
  const { listings, failures } = await listInventories([catalogueConnector, silent, gone], ["a100-40gb"]);
  expect(listings.length).toBeGreaterThan(10);
  expect(failures.map(({ reason }) => reason)).toEqual([
    "it did not answer within 5 s",
    "it can't be reached",
  ]);
});
