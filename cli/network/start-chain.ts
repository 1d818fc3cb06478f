import { fileURLToPath } from "node:url";
import { type Chain, connectChain, ESCROW_PROGRAM } from "@ionet/chain";
import type { Address } from "@solana/kit";
import { z } from "zod";
import { type Member, startMember } from "./member.ts";

const ESCROW_ELF = fileURLToPath(new URL("../../programs/escrow/escrow.so", import.meta.url));

const readySchema = z.object({
  rpcUrl: z.url(),
  wsUrl: z.string(),
  genesisHash: z.string(),
  mints: z.object({ USDC: z.string() }),
});

export type LocalChain = z.infer<typeof readySchema> & { member: Member; chain: Chain };

/** Starts the local Solana network with the escrow program in it. */
export async function startChain(options: {
  stateFolder: string;
  port: number;
  upgradeAuthority: Address;
  /** Lets clients move the chain's time ahead. */
  movableClock?: boolean;
}): Promise<LocalChain> {
  const member = startMember({
    name: "chain",
    main: "local-chain/main.ts",
    args: [
      ...["--port", String(options.port)],
      ...["--program", `${ESCROW_PROGRAM}=${ESCROW_ELF}`],
      ...["--upgrade-authority", options.upgradeAuthority],
      ...(options.movableClock ? ["--movable-clock"] : []),
    ],
    stateFolder: options.stateFolder,
  });
  const ready = readySchema.parse(JSON.parse(await member.firstLine));
  return { ...ready, member, chain: connectChain({ url: ready.rpcUrl, wsUrl: ready.wsUrl }) };
}
