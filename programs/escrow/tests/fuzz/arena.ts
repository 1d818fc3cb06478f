import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import {
  ESCROW_PROGRAM,
  initializeNetworkInstruction,
  NATIVE_SOL,
  networkAddress,
  registerSupplierInstruction,
  supplierAddress,
  tokenAccountOf,
} from "@ionet/chain";
import {
  type Address,
  appendTransactionMessageInstructions,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  generateKeyPairSigner,
  type Instruction,
  lamports,
  pipe,
  type SignatureBytes,
  setTransactionMessageFeePayer,
} from "@solana/kit";
import { FailedTransactionMetadata, type LiteSVM } from "litesvm";
import { programRefusal } from "../../../testing/run.ts";
import { startSvm } from "../../../testing/svm.ts";
import { putMint, putTokens } from "../../../testing/tokens.ts";
import { FEE_BPS, GENESIS } from "../world.ts";
import { SUPPLIERS } from "./sequence.ts";

/** One network on which all sequences run, each with an escrow of its own. Transactions are not signed here: what signatures protect is tested elsewhere, and thousands of sequences cost a tenth. */
export type Arena = {
  svm: LiteSVM;
  usdc: Address;
  network: Address;
  engineer: Address;
  /** Pays fees and rent, tops up, sends what needs nobody's signature. */
  stranger: Address;
  delegate: Address;
  treasury: Address;
  suppliers: { wallet: Address; registration: Address }[];
  /** A wallet by which everybody collects. */
  elsewhere: Address;
  tokenAccounts: Map<Address, Address>;
  meter: { address: Address; sign: (bytes: Uint8Array) => Uint8Array };
  /** Runs an instruction; the refusal's name, or null. */
  run: (...instructions: Instruction[]) => string | null;
};

/** Starts an arena with these bytes of the program. */
export async function newArena(program: Uint8Array): Promise<Arena> {
  const [authority, usdc, engineer, stranger] = [
    await newAddress(),
    await newAddress(),
    await newAddress(),
    await newAddress(),
  ];
  const [delegate, treasury, elsewhere] = [await newAddress(), await newAddress(), await newAddress()];
  const svm = await startSvm(authority, [{ program: ESCROW_PROGRAM, elf: program }]);
  svm.withSigverify(false);
  const suppliers = await Promise.all(
    (await addresses(SUPPLIERS)).map(async (wallet) => ({
      ...{ wallet, registration: await supplierAddress(wallet) },
    })),
  );
  const meter = await newMeter();
  for (const wallet of [stranger, engineer, elsewhere, authority]) svm.airdrop(wallet, lamports(10n ** 12n));
  putMint(svm, usdc);
  const run = runner(svm, stranger);
  const must = (instruction: Instruction) => {
    const refused = run(instruction);
    if (refused !== null) throw new Error(`the arena can't be set up: ${refused}`);
  };
  must(
    await initializeNetworkInstruction({
      ...{ payer: createNoopSigner(stranger), upgradeAuthority: createNoopSigner(authority), treasury },
      ...{ authority, guardian: authority, genesisHash: GENESIS, meters: [meter.address] },
      mints: [usdc, NATIVE_SOL].map((mint) => ({ mint, feeBps: FEE_BPS })),
    }),
  );
  for (const { wallet } of suppliers) {
    const registration = { payer: createNoopSigner(stranger), wallet: createNoopSigner(wallet) };
    must(await registerSupplierInstruction(registration));
  }
  const wallets = [engineer, stranger, treasury, elsewhere, ...suppliers.map(({ wallet }) => wallet)];
  const tokenAccounts = new Map<Address, Address>();
  for (const wallet of wallets) {
    tokenAccounts.set(wallet, await tokenAccountOf(wallet, usdc));
    await putTokens(svm, { mint: usdc, wallet });
  }
  return {
    ...{ svm, usdc, engineer, stranger, delegate, treasury, elsewhere, suppliers, tokenAccounts, meter, run },
    network: await networkAddress(),
  };
}

async function addresses(count: number): Promise<Address[]> {
  return Promise.all(Array.from({ length: count }, newAddress));
}

const newAddress = async (): Promise<Address> => (await generateKeyPairSigner()).address;

/** A meter that signs at once: the precompile checks its signatures even here. */
async function newMeter(): Promise<Arena["meter"]> {
  const signer = await generateKeyPairSigner(true);
  const exported = await crypto.subtle.exportKey("pkcs8", signer.keyPair.privateKey);
  const key: KeyObject = createPrivateKey({ key: Buffer.from(exported), format: "der", type: "pkcs8" });
  return { address: signer.address, sign: (bytes) => new Uint8Array(sign(null, bytes, key)) };
}

function runner(svm: LiteSVM, payer: Address): Arena["run"] {
  const blockhash = { blockhash: svm.latestBlockhash(), lastValidBlockHeight: 2n ** 63n };
  let count = 0n;
  return (...instructions) => {
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (empty) => setTransactionMessageFeePayer(payer, empty),
      (paid) => ({ ...paid, lifetimeConstraint: blockhash }),
      (living) => appendTransactionMessageInstructions(instructions, living),
    );
    const compiled = compileTransaction(message);
    // The payer's signature names the transaction: no two may share it.
    const name = new Uint8Array(64);
    new DataView(name.buffer).setBigUint64(0, ++count);
    const signatures = { ...compiled.signatures, [payer]: name as SignatureBytes };
    const result = svm.sendTransaction({ ...compiled, signatures });
    if (!(result instanceof FailedTransactionMetadata)) return null;
    return programRefusal(result.meta().logs()) ?? `${result.toString()} (program ${ESCROW_PROGRAM})`;
  };
}
