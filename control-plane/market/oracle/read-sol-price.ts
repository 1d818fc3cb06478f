import { type Chain, ChainError, readPriceAccount } from "@ionet/chain";
import { problem, type SolPrice } from "@ionet/protocol";
import { address } from "@solana/kit";
import type { Context } from "../../platform/context.ts";
import { judgePrice, type PriceRefusal, type PriceSource } from "./model.ts";
import { lastPublishTime, notePublishTime } from "./store.ts";

/** Another reader may have seen a newer price between our two looks: that is worth one more. */
const LOOKS = 2;

/**
 * The price of SOL now, from the one configured account, fully verified. Nothing else is believed and nothing is made up:
 * throws `price-unavailable`, which names why, and `chain-unavailable`.
 */
export async function readSolPrice(
  ctx: Pick<Context, "db" | "clock" | "log"> & { chain: Chain },
  source: PriceSource,
): Promise<SolPrice> {
  let went: SolPriceRefusal | null = null;
  for (let look = 0; look < LOOKS; look++) {
    const last = await lastPublishTime(ctx.db, source.account);
    const judged = judgePrice(await seenAt(ctx.chain, source), source, ctx.clock.now(), last);
    if (!("refused" in judged)) {
      const { price, publishTime } = judged;
      if (await notePublishTime(ctx.db, source.account, publishTime)) {
        const publishedAt = new Date(publishTime * 1000).toISOString();
        return {
          ...{ microUsdPerSol: price, publishedAt },
          ...{ source: source.account, simulated: source.simulated },
        };
      }
      went = { refused: "went-back", detail: "a later price was seen at the same moment" };
    } else {
      went = judged;
      if (judged.refused !== "went-back") break;
    }
  }
  ctx.log.warn({ account: source.account, ...went }, "the price of SOL is not taken");
  throw problem("price-unavailable", {
    detail: `the network's price account can't be trusted just now (${went?.refused}): ${went?.detail}`,
    field: "currency",
    given: "SOL",
    allowed: "USDC; SOL as soon as its price is fresh and verified again",
    next: "Try again in a moment, or pay in USDC.",
  });
}

type SolPriceRefusal = { refused: PriceRefusal; detail: string };

async function seenAt(chain: Chain, source: PriceSource) {
  try {
    return await readPriceAccount(chain, address(source.account), "confirmed");
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw problem("chain-unavailable", {
      detail: "the price of SOL can't be read just now: the Solana endpoint does not answer",
      next: "Try again in a moment; nothing was quoted.",
    });
  }
}
