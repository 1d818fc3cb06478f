import { formatQuery, type Offer, orders, type Query, readQuery } from "@ionet/protocol";
import { expect, test } from "vitest";
import { findOffers } from "./find-offers.ts";
import { offerId } from "./offer-columns.ts";
import { OfferIndex } from "./offer-index.ts";
import { plainSearch } from "./plain-search.ts";
import type { RankPosition } from "./rows/best-rows.ts";
import { makeOffers, seededRandom } from "./testing/offers.ts";

const NOW_MS = Date.UTC(2026, 0, 1);

function indexOf(offers: readonly Offer[]): OfferIndex {
  const index = new OfferIndex();
  for (const offer of offers) index.put(offer);
  index.settle(100);
  return index;
}

const conditions = [
  ["gpu=a100", "gpu=rtx-4090", "gpu=h100,h200", "gpu!=rtx", ""],
  ["country=US", "country=DE,NO", "region=eu", "region!=na", "country!=US", "", ""],
  ["price<=0.50", "price<=1.00", "price>=0.33", "price=0.38", "", ""],
  ["vram>=40", "vram>=24 vram<=48", "vram=80", "", ""],
  ["reliability>=0.99", "reliability_sure>=0.9", "hired_hours>=100", "", ""],
  ["verified", "!verified", "!simulated", "interruptible", ""],
  ["gpus>=4", "gpus=1", "", ""],
  ["duration=2d", "duration=20d", "", ""],
  [
    "cuda>=12.4",
    "driver<550",
    "interconnect=nvlink",
    "up>=1gbps",
    "disk>=1tb ram>=256",
    "kind=miner",
    "tflops>=300",
    "",
    "",
  ],
  orders.map((order) => (order.endsWith("nearness") ? `near=NO sort=${order}` : `sort=${order}`)),
] as const;

function randomQuery(next: () => number): Query {
  const texts = conditions.map((options) => options[Math.floor(next() * options.length)] ?? "");
  return readQuery(texts.join(" "));
}

function expectSame(index: OfferIndex, offers: readonly Offer[], query: Query, pages: number): void {
  const plain = plainSearch(offers, query, NOW_MS);
  const gpusFree = plain.reduce((sum, offer) => sum + offer.gpusFree, 0);
  let after: RankPosition | undefined;
  for (let page = 0; page < pages; page++) {
    const found = findOffers(index, query, NOW_MS, { count: 30, after });
    expect(found.matching, formatQuery(query)).toEqual({ offers: plain.length, gpusFree });
    const expected = plain.slice(page * 30, page * 30 + 30).map(offerId);
    expect(
      found.offers.map(({ offer }) => offerId(offer)),
      formatQuery(query),
    ).toEqual(expected);
    after = found.offers.at(-1)?.place;
    if (after === undefined) return;
  }
}

test("the index finds what a filtered and sorted list has, page after page, over few and over many offers", () => {
  const next = seededRandom(7);
  for (const [count, queries] of [
    [0, 5],
    [1, 5],
    [900, 60],
    [20_000, 15],
  ] as const) {
    const offers = makeOffers(count, 11, NOW_MS);
    const index = indexOf(offers);
    for (let i = 0; i < queries; i++) expectSame(index, offers, randomQuery(next), 3);
  }
});

test("every order holds over many offers with equal keys, page after page", () => {
  const offers = makeOffers(17_000, 3, NOW_MS);
  const index = indexOf(offers);
  for (const order of orders.filter((one) => !one.startsWith("+")))
    expectSame(index, offers, readQuery(`near=DE sort=${order}`), 2);
});

test.each([
  ["of many models", (offer: Offer) => offer],
  // So that these fill blocks enough to be divided by price.
  ["of two models", (offer: Offer) => ({ ...offer, gpuModel: offer.cpus > 64 ? "a100-80gb" : "rtx-4090" })],
])(
  "offers %s that come, change and go are found as they are now, whether the columns are laid out anew or not",
  (_, made) => {
    const next = seededRandom(23);
    const all = makeOffers(9000, 5, NOW_MS).map(made);
    const now = new Map(all.slice(0, 6000).map((offer) => [offerId(offer), offer]));
    const index = indexOf([...now.values()]);
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 1500; i++) {
        const one = all[Math.floor(next() * all.length)];
        const other = all[Math.floor(next() * all.length)];
        if (one === undefined || other === undefined) continue;
        const id = offerId(one);
        if (next() < 0.3) {
          now.delete(id);
          index.remove(id);
          continue;
        }
        const { nodeId, gpuModel, simulated } = one;
        const changed = { ...other, nodeId, gpuModel, simulated, gpusFree: Math.floor(next() * 4) };
        index.put(changed);
        if (changed.gpusFree > 0) now.set(id, changed);
        else now.delete(id);
      }
      // Whole blocks are left, and taken by others.
      if (round % 5 === 4) {
        for (const [id, { gpuModel }] of now) {
          if (gpuModel !== "rtx-4090") continue;
          now.delete(id);
          index.remove(id);
        }
      }
      if (round % 3 === 2) index.settle();
      expect(index.size).toBe(now.size);
      for (let i = 0; i < 12; i++) expectSame(index, [...now.values()], randomQuery(next), 2);
    }
  },
);

test("page after page to the last offer, in every order", () => {
  const offers = makeOffers(5000, 13, NOW_MS).map((offer) => ({ ...offer, gpuModel: "rtx-4090" }));
  const index = indexOf(offers);
  for (const order of orders) {
    const near = order.endsWith("nearness") ? "near=eu " : "";
    expectSame(index, offers, readQuery(`${near}verified region=eu sort=${order}`), 100);
  }
});

test.each([
  ["sort=price", 1],
  ["sort=vram", 13],
  ["cpus>=100 sort=price", 2],
])("%j loses no offer from page to page, though a page ends within many blocks", (text, seed) => {
  const offers = makeOffers(5000, seed, NOW_MS);
  expectSame(indexOf(offers), offers, readQuery(text), 200);
});

test("a cursor goes on where it was, though offers before and after it come and go", () => {
  const offers = makeOffers(2000, 9, NOW_MS);
  const index = indexOf(offers);
  const query = readQuery("sort=price");
  const first = findOffers(index, query, NOW_MS, { count: 50, after: undefined });
  const after = first.offers.at(-1)?.place;
  const untouched = plainSearch(offers, query, NOW_MS).slice(50);
  // The last offer of the page goes, and cheaper ones come: neither is seen again, none of the rest is missed.
  for (const { offer } of first.offers.slice(25)) index.remove(offerId(offer));
  const [cheapest] = first.offers;
  if (cheapest === undefined) throw new Error("no offers");
  for (const offer of makeOffers(20, 99, NOW_MS)) {
    index.put({ ...offer, priceMicroUsdPerGpuHour: cheapest.offer.priceMicroUsdPerGpuHour });
  }
  const second = findOffers(index, query, NOW_MS, { count: 50, after });
  expect(second.offers.map(({ offer }) => offerId(offer))).toEqual(untouched.slice(0, 50).map(offerId));
});

test("a supplier's and a node's offers are found by name, however many there are of others", () => {
  const offers = makeOffers(3000, 2, NOW_MS);
  const index = indexOf(offers);
  const [one, other] = offers;
  if (one === undefined || other === undefined) throw new Error("no offers");
  for (const query of [
    { supplier: [one.supplier] },
    { notSupplier: [one.supplier, other.supplier] },
    { nodeId: [one.nodeId, other.nodeId] },
    { notNodeId: [one.nodeId] },
  ]) {
    expectSame(index, offers, query, 2);
  }
});

test("24 GB means cards that are sold with it, whatever they report", () => {
  const [offer] = makeOffers(1, 1, NOW_MS);
  if (offer === undefined) throw new Error("no offer");
  const index = indexOf([{ ...offer, gpuModel: "a10", vramMib: 23_028 }]);
  const count = (text: string) =>
    findOffers(index, readQuery(text), NOW_MS, { count: 1, after: undefined }).matching.offers;
  expect([count("vram>=24"), count("vram=24"), count("vram>24"), count("vram<24")]).toEqual([1, 1, 0, 0]);
});

test("names of models that nobody offers any more take no room", () => {
  const index = new OfferIndex();
  const { rows } = index.memory;
  for (const offer of makeOffers(2000, 8, NOW_MS)) {
    const strange = { ...offer, gpuModel: `card ${offer.nodeId}` };
    index.put(strange);
    expect(index.words.gpuModel.words).toEqual([strange.gpuModel]);
    index.remove(offerId(strange));
  }
  expect(index.words.gpuModel.words).toEqual([""]);
  expect(index.memory.rows).toBe(rows);
});

test("an index that can't grow refuses what has no room, and finds all that it has as before", () => {
  const offers = makeOffers(6000, 6, NOW_MS);
  const index = new OfferIndex();
  // So that a memory for twice the rows would be beyond 4 GiB; what nothing is written to takes no room.
  for (let i = 0; i < 9; i++) index.memory.numbers(Float64Array, 2 ** 25 - 2 ** 13);
  const within = offers.filter((offer) => {
    try {
      index.put(offer);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return false;
    }
  });
  expect(within.length).toBeLessThan(offers.length);
  expect(index.size).toBe(within.length);
  const next = seededRandom(3);
  for (let i = 0; i < 10; i++) expectSame(index, within, randomQuery(next), 2);
});
