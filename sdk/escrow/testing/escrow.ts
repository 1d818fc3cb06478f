import {
  type EscrowState,
  escrowAddress,
  genesisHash,
  openEscrowInstruction,
  readEscrow,
  readingBytes,
  send,
  signReading,
  tokenBalance,
} from "@ionet/chain";
import { makeId } from "@ionet/protocol";
import { type Address, generateKeyPairSigner, type KeyPairSigner, lamports } from "@solana/kit";
import { startTestChain, type TestChain } from "../../../control-plane/delivery/settlement/testing/chain.ts";

/** 1 test USDC an hour: 1,000 seconds and less are round enough to read. */
export const RATE = 3_600_000n;
export const MAX_SECONDS = 600;
export const FEE_BPS = 200n;
/** What a lease of that many seconds pays its supplier. */
export const net = (seconds: bigint): bigint => {
  const gross = (RATE * seconds) / 3_600n;
  return gross - (gross * FEE_BPS) / 10_000n;
};

export type EscrowWorld = TestChain & {
  /** A wallet with some SOL. */
  wallet(): Promise<KeyPairSigner>;
  open(suppliers: readonly Address[]): Promise<EscrowState>;
  read(escrow: Pick<EscrowState, "address">): Promise<EscrowState | null>;
  /** A reading as an agent keeps it. `meter`: the network's own where not given. */
  readingFile(
    escrow: Pick<EscrowState, "address" | "openedSlot">,
    seconds: readonly number[],
    change?: { final?: boolean; meter?: KeyPairSigner; genesis?: string },
  ): Promise<string>;
};

/** A real local network, its escrow program initialised, and escrows on it with no control plane anywhere. */
export async function startEscrowWorld(): Promise<EscrowWorld> {
  const world = await startTestChain();
  const { chain, usdc, engineer, meter } = world;
  let nextId = 1n;
  return {
    ...world,
    balance: async (wallet) => (await tokenBalance(chain, wallet, usdc, "confirmed")) ?? 0n,
    async wallet() {
      const wallet = await generateKeyPairSigner();
      await chain.rpc.requestAirdrop(wallet.address, lamports(10n ** 9n)).send();
      return wallet;
    },
    async open(suppliers) {
      const id = nextId++;
      const leases = suppliers.map((supplier) => ({ supplier, ratePerHour: RATE, maxSeconds: MAX_SECONDS }));
      const deposit = 600_000n * BigInt(suppliers.length);
      const open = await openEscrowInstruction({ engineer, id, mint: usdc, deposit, leases });
      await send(chain, { payer: engineer, instructions: [open], commitment: "confirmed" });
      const escrow = await readEscrow(chain, await escrowAddress(engineer.address, id), "confirmed");
      if (escrow === null) throw new Error("the escrow was not opened");
      return escrow;
    },
    read: ({ address }) => readEscrow(chain, address, "confirmed"),
    async readingFile(escrow, seconds, change = {}) {
      const signer = change.meter ?? meter;
      const reading = await readingBytes({
        escrow,
        genesisHash: change.genesis ?? (await genesisHash(chain)),
        final: change.final ?? false,
        leases: seconds.map((delivered, index) => ({ index, seconds: delivered })),
      });
      return JSON.stringify({
        clusterId: makeId("cluster", new Uint8Array(20)),
        escrow: escrow.address,
        meter: signer.address,
        reading: Buffer.from(reading).toString("base64"),
        signature: Buffer.from(await signReading(signer, reading)).toString("base64"),
      });
    },
  };
}

/** Calls a method that only local networks have, such as the one that freezes an account. */
export async function callLocal(url: string, method: string, params: readonly unknown[]): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer: unknown = await response.json();
  if (typeof answer === "object" && answer !== null && "error" in answer) {
    throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  }
}
