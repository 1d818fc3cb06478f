import { type Chain, ChainError, type Receipt, readReceipt, send } from "@ionet/chain";
import { formatUnits, problem } from "@ionet/protocol";
import type { Instruction, TransactionSigner } from "@solana/kit";

const SOL_DECIMALS = 9;
/** The most to pay for priority, micro-lamports a compute unit: about 0.00002 SOL for a large settlement. */
const MAX_PRIORITY_FEE = 100_000n;

/**
 * Sends what a wallet pays for itself, and reads what it did. Throws `wallet-lacks-lamports`, or the chain's own error.
 */
export async function sendOwn(
  chain: Chain,
  payer: TransactionSigner,
  instructions: readonly Instruction[],
  signal?: AbortSignal,
): Promise<Receipt> {
  try {
    const { signature } = await send(chain, {
      ...{ payer, instructions, commitment: "confirmed", maxPriorityFee: MAX_PRIORITY_FEE },
      ...(signal ? { abortSignal: signal } : {}),
    });
    return await readReceipt(chain, signature);
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== "insufficient-funds") throw error;
    const { value } = await chain.rpc.getBalance(payer.address, { commitment: "confirmed" }).send();
    throw problem("wallet-lacks-lamports", {
      detail: `${error.message}; nothing happened`,
      field: "wallet",
      given: `${payer.address} holds ${formatUnits(value, SOL_DECIMALS)} SOL`,
      allowed: "some 0.003 SOL: the fee, and the rent of a token account where one is to be made",
      next: `send a little SOL to ${payer.address} and try again`,
    });
  }
}
