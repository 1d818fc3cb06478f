import {
  type Address,
  generateKeyPairSigner,
  type Instruction,
  type KeyPairSigner,
  lamports,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectChain, genesisHash, send } from "../index.ts";
import { type Behaviour, unreliable } from "./endpoint.ts";
import { type LocalNetwork, startLocalNetwork } from "./local-network.ts";

const commitment = "confirmed";
const AMOUNT = 1_000_000n;
let network: LocalNetwork;
let payer: KeyPairSigner;
let receiver: Address;

beforeAll(async () => {
  payer = await generateKeyPairSigner();
  network = await startLocalNetwork(payer.address);
  await network.chain.rpc.requestAirdrop(payer.address, lamports(10n ** 10n)).send();
});
afterAll(async () => await network.stop());
beforeEach(async () => {
  receiver = (await generateKeyPairSigner()).address;
});

const transfer = (amount = AMOUNT): Instruction[] => [
  getTransferSolInstruction({ source: payer, destination: receiver, amount }),
];
const received = async () =>
  (await network.chain.rpc.getBalance(receiver, { commitment: "processed" }).send()).value;

async function sendThrough(behave: Behaviour) {
  const endpoint = await unreliable(network.chain, behave);
  try {
    const sent = await send(endpoint.chain, { payer, instructions: transfer(), commitment });
    return { sent, calls: endpoint.calls };
  } finally {
    await endpoint.stop();
  }
}

describe("sending", () => {
  it("returns once the chain has the transaction at the wished commitment", async () => {
    for (const level of ["processed", "confirmed", "finalized"] as const) {
      const { signature, slot } = await send(network.chain, {
        payer,
        instructions: transfer(),
        commitment: level,
      });
      const { value } = await network.chain.rpc.getSignatureStatuses([signature]).send();
      expect(value[0]).toMatchObject({ slot, err: null });
      if (level === "finalized") expect(value[0]?.confirmationStatus).toBe("finalized");
    }
    expect(await received()).toBe(3n * AMOUNT);
  });

  it("sends the same bytes again when the endpoint drops them, and the transfer happens once", async () => {
    let dropped = 0;
    const { calls } = await sendThrough((method) => {
      if (method !== "sendTransaction" || dropped === 2) return "pass";
      dropped++;
      return { result: "1".repeat(64) };
    });
    expect(calls.filter((method) => method === "sendTransaction")).toHaveLength(3);
    expect(await received()).toBe(AMOUNT);
  });

  it("gets over an endpoint that hangs up now and then, and the transfer happens once", async () => {
    let calls = 0;
    await sendThrough((method) => {
      const asked = method === "getSignatureStatuses" || method === "getBlockHeight";
      return asked && ++calls < 4 ? "hang up" : "pass";
    });
    expect(await received()).toBe(AMOUNT);
  });

  it("says that a transaction expired when its blockhash ran out unseen", async () => {
    const sending = sendThrough((method) => {
      if (method === "sendTransaction") return { result: "1".repeat(64) };
      return method === "getBlockHeight" ? { result: 10 ** 9 } : "pass";
    });
    await expect(sending).rejects.toMatchObject({ code: "expired" });
    expect(await received()).toBe(0n);
  });

  it("does not take an expired blockhash for a loss when the transaction landed", async () => {
    let heights = 0;
    const { sent } = await sendThrough((method) =>
      method === "getBlockHeight" && ++heights > 1 ? { result: 10 ** 9 } : "pass",
    );
    expect(sent.slot).toBeGreaterThan(0n);
    expect(await received()).toBe(AMOUNT);
  });

  it("asks another endpoint when one is down, and stays with it", async () => {
    const backup = await unreliable(network.chain, () => "pass");
    const down = await unreliable(network.chain, () => "hang up");
    const { wsUrl } = network.chain;
    const chain = connectChain({ url: down.chain.url, wsUrl, fallbackUrls: [backup.chain.url] });
    await send(chain, { payer, instructions: transfer(), commitment });
    expect(await received()).toBe(AMOUNT);
    expect(down.calls).toHaveLength(1);
    expect(backup.calls).toContain("sendTransaction");
    await Promise.all([down.stop(), backup.stop()]);
  });

  it("asks another endpoint when one says that it is behind", async () => {
    const error = { code: -32005, message: "Node is behind by 42 slots" };
    const behind = await unreliable(network.chain, () => ({ error }));
    const backup = await unreliable(network.chain, () => "pass");
    const { wsUrl } = network.chain;
    const chain = connectChain({ url: behind.chain.url, wsUrl, fallbackUrls: [backup.chain.url] });
    await send(chain, { payer, instructions: transfer(), commitment });
    expect(await received()).toBe(AMOUNT);
    expect(behind.calls).toHaveLength(1);
    await Promise.all([behind.stop(), backup.stop()]);
  });

  it("believes that a transaction expired only when a second look finds nothing either", async () => {
    // Another endpoint, further behind, answers in between.
    let looks = 0;
    const { sent } = await sendThrough((method) => {
      if (method === "getBlockHeight" && looks === 1) return { result: 10 ** 9 };
      const isMissed = method === "getSignatureStatuses" && looks++ === 1;
      return isMissed ? { result: { context: { slot: 1 }, value: [null] } } : "pass";
    });
    expect(sent.slot).toBeGreaterThan(0n);
    expect(await received()).toBe(AMOUNT);
  });

  it("takes an endpoint's answer for an answer, though another might say otherwise", async () => {
    const backup = await unreliable(network.chain, () => "pass");
    const { url, wsUrl } = network.chain;
    const chain = connectChain({ url, wsUrl, fallbackUrls: [backup.chain.url] });
    const sending = send(chain, { payer, instructions: transfer(10n ** 12n), commitment });
    await expect(sending).rejects.toMatchObject({ code: "insufficient-funds" });
    expect(backup.calls).toEqual([]);
    await backup.stop();
  });

  it("pays for priority what others paid lately, up to what it may, and nothing unasked", async () => {
    const fees = (prioritizationFee: number) => [{ slot: 1, prioritizationFee }];
    const paid = async (market: number, maxPriorityFee?: bigint) => {
      const endpoint = await unreliable(network.chain, (method) =>
        method === "getRecentPrioritizationFees" ? { result: fees(market) } : "pass",
      );
      const before = (await network.chain.rpc.getBalance(payer.address, { commitment }).send()).value;
      const most = maxPriorityFee === undefined ? {} : { maxPriorityFee };
      await send(endpoint.chain, { payer, instructions: transfer(), commitment, ...most });
      await endpoint.stop();
      const after = (await network.chain.rpc.getBalance(payer.address, { commitment }).send()).value;
      return before - after - AMOUNT - 5_000n;
    };
    expect(await paid(1_000_000)).toBe(0n);
    const market = await paid(1_000_000, 10_000_000n);
    expect(market).toBeGreaterThan(0n);
    expect(await paid(100_000_000, 2_000_000n)).toBe(2n * market);
  });

  it("stops when told to", async () => {
    const endpoint = await unreliable(network.chain, (method) =>
      method === "sendTransaction" ? { result: "1".repeat(64) } : "pass",
    );
    const stop = new AbortController();
    const terms = { payer, instructions: transfer(), commitment, abortSignal: stop.signal } as const;
    const sending = send(endpoint.chain, terms);
    setTimeout(() => stop.abort(), 200);
    await expect(sending).rejects.toThrow(/abort/i);
    await endpoint.stop();
  });

  it("sends nothing that would fail, and says why", async () => {
    const endpoint = await unreliable(network.chain, () => "pass");
    const sending = send(endpoint.chain, { payer, instructions: transfer(10n ** 12n), commitment });
    await expect(sending).rejects.toMatchObject({ code: "insufficient-funds", logs: expect.any(Array) });
    expect(endpoint.calls).not.toContain("sendTransaction");
    await endpoint.stop();
  });

  it("says which endpoint can't be reached", async () => {
    const nowhere = connectChain({ url: "http://127.0.0.1:1", wsUrl: "ws://127.0.0.1:1" });
    const unreachable = { code: "rpc-unreachable", message: expect.stringContaining("http://127.0.0.1:1") };
    await expect(send(nowhere, { payer, instructions: transfer(), commitment })).rejects.toMatchObject(
      unreachable,
    );
    await expect(genesisHash(nowhere)).rejects.toMatchObject(unreachable);
  });
});
