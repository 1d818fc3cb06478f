import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as ionet from "@ionet/chain";
import { type Address, address, generateKeyPairSigner, type Instruction, lamports } from "@solana/kit";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const ESCROWS = 24;
const ROUNDS = 4;
const SUPPLIERS = 20;
const readySchema = z.object({ rpcUrl: z.url(), wsUrl: z.url(), mints: z.object({ USDC: z.string() }) });
const answerSchema = z.object({ error: z.unknown().optional() });

/** Settlements of 20 suppliers that a local network confirms in a second, sent through chain/ for 24 escrows at once. */
export async function settlementsPerSecond(): Promise<number> {
  const authority = await generateKeyPairSigner();
  const child = spawn(
    process.execPath,
    [
      ...[`${ROOT}local-chain/main.ts`, "--port", "0", "--exit-with-parent", "--movable-clock"],
      ...["--upgrade-authority", authority.address],
      ...["--program", `${ionet.ESCROW_PROGRAM}=${ROOT}programs/escrow/escrow.so`],
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const { rpcUrl, wsUrl, mints } = readySchema.parse(JSON.parse(String(line)));
    return await measure(ionet.connectChain({ url: rpcUrl, wsUrl }), authority, address(mints.USDC));
  } finally {
    child.kill();
    await once(child, "exit");
  }
}

async function measure(
  chain: ionet.Chain,
  authority: Awaited<ReturnType<typeof generateKeyPairSigner>>,
  usdc: Address,
): Promise<number> {
  const [meter, treasury] = [await generateKeyPairSigner(), (await generateKeyPairSigner()).address];
  const send = (instructions: Instruction[], payer = authority) =>
    ionet.send(chain, { payer, instructions, commitment: "confirmed" });
  await chain.rpc.requestAirdrop(authority.address, lamports(10n ** 12n)).send();
  await call(chain, "ionet_requestTokens", [authority.address, usdc, "1000000000000"]);
  const genesisHash = await ionet.genesisHash(chain);
  await send([
    await ionet.initializeNetworkInstruction({
      ...{ payer: authority, upgradeAuthority: authority, treasury, genesisHash },
      ...{ authority: authority.address, guardian: authority.address, meters: [meter.address] },
      mints: [{ mint: usdc, feeBps: 200 }],
    }),
    await ionet.createTokenAccountInstruction({ payer: authority, wallet: treasury, mint: usdc }),
  ]);
  const escrows = await Promise.all(
    Array.from({ length: ESCROWS }, async (_, position) => {
      const payer = await generateKeyPairSigner();
      await chain.rpc.requestAirdrop(payer.address, lamports(10n ** 10n)).send();
      const suppliers = await Promise.all(Array.from({ length: SUPPLIERS }, newAddress));
      const leases = suppliers.map((supplier) => ({ supplier, ratePerHour: 3_600_000n, maxSeconds: 3_600 }));
      const id = BigInt(position);
      const deposit = 3_600_000n * BigInt(SUPPLIERS);
      await send([
        await ionet.openEscrowInstruction({ engineer: authority, id, mint: usdc, deposit, leases }),
      ]);
      for (let at = 0; at < SUPPLIERS; at += 5) {
        const accounts = suppliers
          .slice(at, at + 5)
          .map((wallet) => ionet.createTokenAccountInstruction({ payer: authority, wallet, mint: usdc }));
        await send(await Promise.all(accounts));
      }
      const at = await ionet.escrowAddress(authority.address, id);
      const escrow = await ionet.readEscrow(chain, at, "confirmed");
      if (escrow === null) throw new Error("the escrow was not opened");
      return { escrow, payer };
    }),
  );
  await call(chain, "ionet_advanceClock", [600]);
  const started = performance.now();
  await Promise.all(
    escrows.map(async ({ escrow, payer }) => {
      for (let round = 1; round <= ROUNDS; round++) {
        const leases = escrow.leases.map((_, index) => ({ index, seconds: 100 * round }));
        const reading = await ionet.readingBytes({ escrow, genesisHash, final: false, leases });
        const signature = await ionet.signReading(meter, reading);
        const terms = { reading, signature, meter: meter.address, escrow, treasury };
        await send(await ionet.settleInstructions(terms), payer);
      }
    }),
  );
  return Math.round((10_000 * ESCROWS * ROUNDS) / (performance.now() - started)) / 10;
}

const newAddress = async (): Promise<Address> => (await generateKeyPairSigner()).address;

async function call(chain: ionet.Chain, method: string, params: readonly unknown[]): Promise<void> {
  const response = await fetch(chain.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { error } = answerSchema.parse(await response.json());
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
}
