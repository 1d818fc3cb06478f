import { initializeNetworkInstruction, NATIVE_SOL, send } from "@ionet/chain";
import { address } from "@solana/kit";
import type { NetworkKeys } from "./keys.ts";
import type { LocalChain } from "./start-chain.ts";

/** The network's own fee: 2 % of every payout in USDC and SOL. */
const FEE_BPS = 200;
/** A lease that joined is paid for at least a minute. */
export const MINIMUM_SECONDS = 60;

/** Makes the Network account, signed by the program's upgrade authority: nobody else can be first. */
export async function initialiseNetwork(
  local: LocalChain,
  keys: NetworkKeys,
  minimumSeconds: number,
): Promise<void> {
  const instruction = await initializeNetworkInstruction({
    payer: keys.authority,
    upgradeAuthority: keys.authority,
    authority: keys.authority.address,
    guardian: keys.guardian.address,
    treasury: keys.treasury.address,
    genesisHash: local.genesisHash,
    minimumSeconds,
    meters: [keys.meter.address],
    mints: [
      { mint: address(local.mints.USDC), feeBps: FEE_BPS },
      { mint: NATIVE_SOL, feeBps: FEE_BPS },
    ],
  });
  await send(local.chain, { payer: keys.authority, instructions: [instruction], commitment: "confirmed" });
}
