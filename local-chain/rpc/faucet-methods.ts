import {
  AIRDROP_CAP_LAMPORTS,
  FaucetRefused,
  giveLamports,
  giveTokens,
  setFrozen,
  TOKENS_CAP_BASE_UNITS,
} from "../faucet.ts";
import { TEST_MINTS } from "../genesis.ts";
import type { LocalNetwork } from "../network.ts";
import { readToken } from "../tokens.ts";
import type { MethodTable } from "./context.ts";
import { invalidParam, RPC_CODE, RpcError } from "./errors.ts";
import { readAddress, readCommitment, readConfig, readCount, readText } from "./parameters.ts";

/** Methods that give out test money, and freeze it. Those that begin with `ionet_` are this network's own. */
export const faucetMethods: MethodTable = {
  async requestAirdrop(network, [wallet, lamports, config]) {
    const to = readAddress(wallet, "wallet");
    const amount = readCount(lamports, "lamports", Number(AIRDROP_CAP_LAMPORTS));
    readCommitment(readConfig(config).commitment);
    if (amount === 0) throw invalidParam("lamports", 0, `a whole number from 1 to ${AIRDROP_CAP_LAMPORTS}`);
    return await orRefusal(giveLamports(network, to, BigInt(amount)));
  },

  /** [wallet, mint, amount in base units as text]: makes the wallet's token account if need be and mints into it. */
  async ionet_requestTokens(network, [wallet, mint, amount]) {
    const to = readAddress(wallet, "wallet");
    const asked = readAddress(mint, "mint");
    const known = Object.values(TEST_MINTS).find((candidate) => candidate.address === asked);
    if (known === undefined) throw invalidParam("mint", asked, MINTS);
    const text = readText(amount, "amount");
    const units = /^[0-9]{1,20}$/.test(text) ? BigInt(text) : 0n;
    if (units < 1n || units > TOKENS_CAP_BASE_UNITS)
      throw invalidParam("amount", text, `base units as text, from "1" to "${TOKENS_CAP_BASE_UNITS}"`);
    return await orRefusal(giveTokens(network, to, known, units));
  },

  /** [token account]: from then on nothing goes in or out of it. */
  ionet_freezeAccount: async (network, [account]) =>
    await orRefusal(setFrozen(network, readTestToken(network, account), true)),

  /** [token account]: frozen no more. */
  ionet_thawAccount: async (network, [account]) =>
    await orRefusal(setFrozen(network, readTestToken(network, account), false)),
};

const MINTS = Object.values(TEST_MINTS)
  .map((one) => one.address)
  .join(", ");

function readTestToken(network: LocalNetwork, value: unknown) {
  const account = readAddress(value, "tokenAccount");
  const mint = readToken(network.account(account, "processed"))?.mint;
  if (mint === undefined || Object.values(TEST_MINTS).every((known) => known.address !== mint))
    throw invalidParam("tokenAccount", account, `the address of a token account of ${MINTS}`);
  return { account, mint };
}

/** A gift that fails is told as a node tells a transaction that fails preflight. */
async function orRefusal<Given>(gift: Promise<Given>): Promise<Given> {
  try {
    return await gift;
  } catch (fault) {
    if (!(fault instanceof FaucetRefused)) throw fault;
    throw new RpcError(RPC_CODE.preflightFailure, `Transaction simulation failed: ${fault.message}`, {
      err: fault.error,
    });
  }
}
