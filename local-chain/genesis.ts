import { type Address, address, lamports, some } from "@solana/kit";
import { getMintEncoder, getMintSize } from "@solana-program/token";
import { EpochSchedule, LiteSVM } from "litesvm";
import { SLOTS_IN_EPOCH } from "./slots.ts";
import { TOKEN_PROGRAM } from "./tokens.ts";

/** The mints that every local network has, by symbol. */
export const TEST_MINTS = {
  /** A stand-in for USDC, on local networks only: nobody holds its key, the network's faucet mints it. */
  USDC: { address: address("USDCtestmint1111111111111111111111111111111"), decimals: 6 },
} as const;

export const SYSTEM_PROGRAM = address("11111111111111111111111111111111");

const FAUCET_LAMPORTS = 500_000_000n * 1_000_000_000n;

/**
 * A fresh SVM with mainnet's features, the SPL programs, the faucet's lamports and the test mints.
 * Signatures, blockhashes and duplicates are checked by the network before a transaction comes here: the SVM knows
 * only one blockhash.
 */
export function createGenesis(faucet: Address): LiteSVM {
  const svm = new LiteSVM().withSigverify(false).withBlockhashCheck(false).withTransactionHistory(0n);
  svm.setEpochSchedule(new EpochSchedule(SLOTS_IN_EPOCH, SLOTS_IN_EPOCH, false, 0n, 0n));
  put(svm, faucet, SYSTEM_PROGRAM, new Uint8Array(), FAUCET_LAMPORTS);
  for (const mint of Object.values(TEST_MINTS)) {
    const data = getMintEncoder().encode({
      mintAuthority: some(faucet),
      supply: 0n,
      decimals: mint.decimals,
      isInitialized: true,
      freezeAuthority: some(faucet),
    });
    put(
      svm,
      mint.address,
      TOKEN_PROGRAM,
      new Uint8Array(data),
      svm.minimumBalanceForRentExemption(BigInt(getMintSize())),
    );
  }
  return svm;
}

function put(svm: LiteSVM, at: Address, programAddress: Address, data: Uint8Array, balance: bigint): void {
  svm.setAccount({
    address: at,
    data,
    executable: false,
    lamports: lamports(balance),
    programAddress,
    space: BigInt(data.length),
  });
}
