import {
  closeEscrowInstruction,
  decodeEscrow,
  ESCROW_PROGRAM,
  type EscrowState,
  escrowAddress,
  initializeNetworkInstruction,
  NATIVE_SOL,
  openEscrowInstruction,
  readingBytes,
  settleInstructions,
  signReading,
  tokenAccountOf,
} from "@ionet/chain";
import {
  type Address,
  generateKeyPairSigner,
  type Instruction,
  type KeyPairSigner,
  lamports,
} from "@solana/kit";
import type { LiteSVM } from "litesvm";
import { run } from "../../testing/run.ts";
import { committedElf, startSvm } from "../../testing/svm.ts";
import { putMint, putTokens, tokensAt } from "../../testing/tokens.ts";

export const GENESIS = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
export const FEE_BPS = 200;
const PURSE = 2n ** 62n;

export type Terms = { supplier: Address; ratePerHour: bigint; maxSeconds: number };
export type Seconds = { index: number; seconds: number }[];

/** A network with one engineer, who has funds, and everybody an escrow can pay. */
export type World = {
  svm: LiteSVM;
  /** Makes keys. */
  newSigner: () => Promise<KeyPairSigner>;
  upgradeAuthority: KeyPairSigner;
  engineer: KeyPairSigner;
  /** Anybody: pays transaction fees, has no rights. */
  stranger: KeyPairSigner;
  meter: KeyPairSigner;
  guardian: Address;
  treasury: Address;
  /** The keys of guardian and treasury. */
  guardianKey: KeyPairSigner;
  treasuryKey: KeyPairSigner;
  /** May replace leases where an escrow names it. */
  delegate: KeyPairSigner;
  usdc: Address;
};

/** A world before its network is initialised; `program` are other bytes than the committed ones. */
export async function emptyWorld(
  newSigner = generateKeyPairSigner,
  program = committedElf("escrow"),
): Promise<World> {
  const signer = () => newSigner();
  const upgradeAuthority = await signer();
  const svm = await startSvm(upgradeAuthority.address, [{ program: ESCROW_PROGRAM, elf: program }]);
  const parties = { engineer: await signer(), stranger: await signer(), meter: await signer() };
  const [guardianKey, treasuryKey, usdc] = [await signer(), await signer(), (await signer()).address];
  const world: World = {
    ...{ svm, upgradeAuthority, ...parties, guardianKey, treasuryKey, usdc, delegate: await signer() },
    newSigner: signer,
    guardian: guardianKey.address,
    treasury: treasuryKey.address,
  };
  for (const wallet of [world.upgradeAuthority, world.engineer, world.stranger, world.delegate]) {
    svm.airdrop(wallet.address, lamports(10n ** 12n));
  }
  putMint(svm, world.usdc);
  await putTokens(svm, { mint: world.usdc, wallet: world.engineer.address, amount: PURSE });
  await putTokens(svm, { mint: world.usdc, wallet: world.treasury });
  return world;
}

export async function initialization(
  world: World,
  change: Partial<Parameters<typeof initializeNetworkInstruction>[0]> = {},
): Promise<Instruction> {
  return await initializeNetworkInstruction({
    payer: world.upgradeAuthority,
    upgradeAuthority: world.upgradeAuthority,
    authority: world.upgradeAuthority.address,
    guardian: world.guardian,
    treasury: world.treasury,
    genesisHash: GENESIS,
    meters: [world.meter.address],
    mints: [
      { mint: world.usdc, feeBps: FEE_BPS },
      { mint: NATIVE_SOL, feeBps: FEE_BPS },
    ],
    ...change,
  });
}

export async function newWorld(
  newSigner = generateKeyPairSigner,
  program = committedElf("escrow"),
): Promise<World> {
  const world = await emptyWorld(newSigner, program);
  await run(world.svm, world.upgradeAuthority, [await initialization(world)]);
  return world;
}

/** A wallet with a token account. */
export async function newSupplier(world: World): Promise<Address> {
  const { address } = await world.newSigner();
  await putTokens(world.svm, { mint: world.usdc, wallet: address });
  return address;
}

/** A lease at $3.60 an hour: a thousand base units a second. */
export async function lease(world: World, change: Partial<Terms> = {}): Promise<Terms> {
  const supplier = change.supplier ?? (await newSupplier(world));
  return { supplier, ratePerHour: 3_600_000n, maxSeconds: 3_600, ...change };
}

export const budgetOf = (leases: readonly Terms[]): bigint =>
  leases.reduce(
    (sum, { ratePerHour, maxSeconds }) => sum + (ratePerHour * BigInt(maxSeconds) + 3_599n) / 3_600n,
    0n,
  );

export async function opening(
  world: World,
  leases: readonly Terms[],
  change: Partial<Parameters<typeof openEscrowInstruction>[0]> = {},
): Promise<Instruction> {
  const { engineer, usdc } = world;
  return await openEscrowInstruction({
    engineer,
    id: 1n,
    mint: usdc,
    deposit: budgetOf(leases),
    leases,
    ...change,
  });
}

/** Opens an escrow, funded to the last unit. */
export async function open(
  world: World,
  leases: readonly Terms[],
  id = 1n,
  change: Partial<Parameters<typeof openEscrowInstruction>[0]> = {},
): Promise<EscrowState> {
  await run(world.svm, world.engineer, [await opening(world, leases, { id, ...change })]);
  return escrowOf(world, await escrowAddress(world.engineer.address, id));
}

export function escrowOf(world: World, address: Address): EscrowState {
  const escrow = findEscrow(world, address);
  if (escrow === null) throw new Error(`no escrow at ${address}`);
  return escrow;
}

export function findEscrow(world: World, address: Address): EscrowState | null {
  const account = world.svm.getAccount(address);
  if (!account.exists || account.programAddress !== ESCROW_PROGRAM) return null;
  return decodeEscrow(address, new Uint8Array(account.data));
}

export type ReadingTerms = {
  final?: boolean;
  meter?: KeyPairSigner;
  payLeases?: readonly number[];
  genesisHash?: string;
};

/** A settlement by a reading of all leases (a list of seconds) or of some. */
export async function settlement(
  world: World,
  escrow: EscrowState,
  seconds: readonly number[] | Seconds,
  { final = false, meter = world.meter, payLeases, genesisHash = GENESIS }: ReadingTerms = {},
): Promise<Instruction[]> {
  const leases = seconds.map((given, index) =>
    typeof given === "number" ? { index, seconds: given } : given,
  );
  const reading = await readingBytes({ escrow, genesisHash, final, leases });
  return await settleInstructions({
    ...{ reading, escrow, treasury: world.treasury, meter: meter.address },
    signature: await signReading(meter, reading),
    ...(payLeases === undefined ? {} : { payLeases }),
  });
}

export async function settle(
  world: World,
  escrow: EscrowState,
  seconds: readonly number[] | Seconds,
  terms: ReadingTerms = {},
): Promise<EscrowState> {
  await run(world.svm, world.stranger, await settlement(world, escrow, seconds, terms));
  return escrowOf(world, escrow.address);
}

export async function close(world: World, escrow: EscrowState): Promise<EscrowState | null> {
  await run(world.svm, world.stranger, [await closeEscrowInstruction({ escrow })]);
  return findEscrow(world, escrow.address);
}

/** Changes an escrow by instructions that are signed by whoever they name, and reads it again. */
export async function change(
  world: World,
  escrow: EscrowState,
  ...instructions: Instruction[]
): Promise<EscrowState> {
  await run(world.svm, world.stranger, instructions);
  return escrowOf(world, escrow.address);
}

/** The base units in a wallet's token account; null when it has none. */
export async function tokensOf(world: World, wallet: Address): Promise<bigint | null> {
  return tokensAt(world.svm, await tokenAccountOf(wallet, world.usdc));
}
