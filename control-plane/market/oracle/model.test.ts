import { encodePriceUpdate, type PriceUpdate, PYTH_RECEIVER, SOL_USD_FEED } from "@ionet/chain";
import { address } from "@solana/kit";
import { describe, expect, it, test } from "vitest";
import { judgePrice, type PriceRefusal } from "./model.ts";

const NOW_SECONDS = 1_800_000_000;
const source = {
  account: "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE",
  owner: PYTH_RECEIVER,
  simulated: true,
};
const good: PriceUpdate = {
  writeAuthority: address(source.account),
  verification: "full",
  feedId: SOL_USD_FEED,
  price: 14_237_000_000n,
  confidence: 284_740_000n,
  exponent: -8,
  publishTime: BigInt(NOW_SECONDS - 60),
  previousPublishTime: BigInt(NOW_SECONDS - 61),
  postedSlot: 7n,
};
const judge = (update: Partial<PriceUpdate>, last: number | null = null, owner: string = PYTH_RECEIVER) =>
  judgePrice(
    { owner, data: encodePriceUpdate({ ...good, ...update }) },
    source,
    NOW_SECONDS * 1000 + 999,
    last,
  );

test("a verified price just young and sure enough is taken, in micro-USD", () => {
  expect(judge({})).toEqual({ price: 142_370_000n, publishTime: NOW_SECONDS - 60 });
  expect(judge({}, NOW_SECONDS - 60)).toMatchObject({ price: 142_370_000n });
  expect(judge({ publishTime: BigInt(NOW_SECONDS + 15) })).toMatchObject({ price: 142_370_000n });
});

test("a price between two micro-dollars is rounded down; other exponents are the same price", () => {
  expect(judge({ price: 14_237_000_099n })).toMatchObject({ price: 142_370_000n });
  expect(judge({ price: 142n, confidence: 0n, exponent: 0 })).toMatchObject({ price: 142_000_000n });
  expect(judge({ price: 142_370_000_000_000n, exponent: -12 })).toMatchObject({ price: 142_370_000n });
});

describe("a price is refused", () => {
  const refusals: [why: PriceRefusal, update: Partial<PriceUpdate>][] = [
    ["not-fully-verified", { verification: "partial" }],
    ["wrong-feed", { feedId: SOL_USD_FEED.replace("ef", "ee") }],
    ["wrong-exponent", { exponent: 1 }],
    ["wrong-exponent", { exponent: -13 }],
    ["price-not-positive", { price: 0n, confidence: 0n }],
    ["price-not-positive", { price: -14_237_000_000n }],
    ["price-not-positive", { price: 999_999n, confidence: 0n }],
    ["confidence-too-wide", { confidence: 284_740_001n }],
    ["confidence-too-wide", { confidence: 2n ** 64n - 1n }],
    ["from-the-future", { publishTime: BigInt(NOW_SECONDS + 16) }],
    ["too-old", { publishTime: BigInt(NOW_SECONDS - 61) }],
  ];
  it.each(refusals)("as %s: %o", (why, update) => {
    expect(judge(update)).toMatchObject({ refused: why });
  });

  it("as account-missing, wrong-owner and wrong-format", () => {
    const data = encodePriceUpdate(good);
    const seen = (change: { owner?: string; data?: Uint8Array } | null) =>
      judgePrice(change && { owner: PYTH_RECEIVER, data, ...change }, source, NOW_SECONDS * 1000, null);
    expect(seen(null)).toMatchObject({ refused: "account-missing" });
    expect(seen({ owner: source.account })).toMatchObject({ refused: "wrong-owner" });
    const otherKind = Uint8Array.from(data);
    otherKind[0] = 0;
    const noLevel = Uint8Array.from(data);
    noLevel[40] = 2;
    for (const wrong of [otherKind, noLevel, data.slice(0, 132), new Uint8Array()]) {
      expect(seen({ data: wrong })).toMatchObject({ refused: "wrong-format" });
    }
    expect(seen({ data: data.slice(0, 133) })).toMatchObject({ price: 142_370_000n });
  });

  it("as went-back when a later one was taken before", () => {
    expect(judge({}, NOW_SECONDS - 59)).toMatchObject({ refused: "went-back" });
  });
});
