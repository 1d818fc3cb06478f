import * as ionet from "@ionet/chain";
import { type Address, type Instruction, lamports } from "@solana/kit";
import { run } from "../../../testing/run.ts";
import { advance } from "../../../testing/svm.ts";
import { putMint, putTokens, remove } from "../../../testing/tokens.ts";
import {
  change,
  emptyWorld,
  FEE_BPS,
  initialization,
  lease,
  newWorld,
  open,
  opening,
  settle,
  settlement,
  type World,
} from "../world.ts";

/** A moment at which an instruction is accepted as it is; the attacks change it, one account at a time. */
export type Scene = {
  world: World;
  /** The last is the instruction under attack. */
  instructions: Instruction[];
  escrow?: { address: Address; vault: Address };
  /** Another escrow of the same engineer. */
  other: { address: Address; vault: Address } | null;
  /** Whose account the attacked instruction would pay or take from. */
  victim: Address;
  /** Where the stranger's tokens lie, once there are any. */
  strangersTokens: { at: Address };
};

const MINIMUM = 890_880n;

/** A running escrow of two leases, 100 seconds old, and another one beside it; `native`: both in SOL. */
async function running(native = false) {
  const world = await newWorld();
  const supplier = await world.newSigner();
  await putTokens(world.svm, { mint: world.usdc, wallet: supplier.address });
  await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address, amount: 10n ** 12n });
  const mint = native ? { mint: ionet.NATIVE_SOL } : {};
  const terms = { ...mint, delegate: world.delegate.address, rentPayer: world.delegate };
  const leases = [await lease(world, { supplier: supplier.address }), await lease(world)];
  if (native) {
    for (const wallet of [world.treasury, ...leases.map((agreed) => agreed.supplier)]) {
      world.svm.airdrop(wallet, lamports(MINIMUM));
    }
  }
  const other = await open(world, leases, 2n, terms);
  advance(world.svm, 1);
  const escrow = await open(world, leases, 1n, terms);
  advance(world.svm, 100);
  return {
    world,
    supplier,
    escrow,
    other,
    victim: supplier.address,
    strangersTokens: { at: world.stranger.address },
  };
}
const only = async (instruction: Promise<Instruction> | Instruction) => [await instruction];

const settling = (native: boolean) => async (): Promise<Scene> => {
  const scene = await running(native);
  return { ...scene, instructions: await settlement(scene.world, scene.escrow, [100, 100]) };
};
const closing = (native: boolean) => async (): Promise<Scene> => {
  const scene = await running(native);
  await settle(scene.world, scene.escrow, [100, 100], { final: true });
  const instructions = await only(ionet.closeEscrowInstruction({ escrow: scene.escrow }));
  return { ...scene, instructions, victim: scene.world.engineer.address };
};
const stopping = (native: boolean) => async (): Promise<Scene> => {
  const scene = await running(native);
  const { world, escrow } = scene;
  const instructions = await only(ionet.stopInstruction({ engineer: world.engineer, escrow }));
  return { ...scene, instructions, victim: world.engineer.address };
};
const toppingUp = (native: boolean) => async (): Promise<Scene> => {
  const scene = await running(native);
  const { world, escrow } = scene;
  const amount = ionet.topUpCost({ escrow, seconds: 60 });
  const terms = { payer: world.engineer, escrow, seconds: 60, amount };
  return {
    ...scene,
    instructions: await only(ionet.topUpInstruction(terms)),
    victim: world.engineer.address,
  };
};
const agreeing = (native: boolean) => async (): Promise<Scene> => {
  const scene = await running(native);
  const { world, escrow, supplier } = scene;
  const terms = {
    engineer: world.engineer,
    supplier,
    escrow,
    lease: 0,
    seconds: 90,
    treasury: world.treasury,
  };
  return { ...scene, instructions: await only(ionet.settleAgreedInstruction(terms)) };
};
const collecting = (native: boolean) => async (): Promise<Scene> => {
  const scene = await running(native);
  const { world, escrow, supplier } = scene;
  await settle(world, escrow, [100, 100], { payLeases: [1] });
  return { ...scene, instructions: await only(ionet.collectInstruction({ wallet: supplier, escrow })) };
};
const opened = (native: boolean) => async (): Promise<Scene> => {
  const scene = await running(native);
  const { world } = scene;
  const mint = native ? { mint: ionet.NATIVE_SOL } : {};
  const instruction = opening(world, [await lease(world)], { id: 3n, rentPayer: world.delegate, ...mint });
  return { ...scene, instructions: await only(instruction), victim: world.engineer.address };
};
const parametersOf = (world: World) => ({
  ...{ authority: world.upgradeAuthority.address, guardian: world.guardian, treasury: world.treasury },
  ...{ meters: [world.meter.address], mints: [{ mint: world.usdc, feeBps: FEE_BPS }] },
});

/** By the instruction's name in the IDL, with the currency where it matters. */
export const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  initializeNetwork: async () => {
    const world = await emptyWorld();
    const instructions = await only(initialization(world, { payer: world.engineer }));
    const strangersTokens = { at: world.stranger.address };
    return { world, instructions, other: null, victim: world.engineer.address, strangersTokens };
  },
  openEscrow: opened(false),
  "openEscrow in SOL": opened(true),
  settle: settling(false),
  "settle in SOL": settling(true),
  closeEscrow: closing(false),
  "closeEscrow in SOL": closing(true),
  stop: stopping(false),
  "stop in SOL": stopping(true),
  endLease: async () => {
    const scene = await running();
    const terms = { signer: scene.world.delegate, escrow: scene.escrow, lease: 0 };
    return { ...scene, instructions: await only(ionet.endLeaseInstruction(terms)) };
  },
  topUp: toppingUp(false),
  "topUp in SOL": toppingUp(true),
  registerSupplier: async () => {
    const scene = await running();
    const terms = { payer: scene.world.engineer, wallet: scene.supplier };
    return { ...scene, instructions: await only(ionet.registerSupplierInstruction(terms)) };
  },
  replaceLease: async () => {
    const scene = await running();
    const { world, supplier, escrow } = scene;
    await run(world.svm, world.engineer, [
      await ionet.registerSupplierInstruction({ payer: world.engineer, wallet: supplier }),
    ]);
    await change(world, escrow, ionet.endLeaseInstruction({ signer: world.engineer, escrow, lease: 0 }));
    const terms = { delegate: world.delegate, escrow, lease: 0, supplier: supplier.address };
    const instruction = ionet.replaceLeaseInstruction({ ...terms, ratePerHour: 1_000n, maxSeconds: 60 });
    return { ...scene, instructions: await only(instruction) };
  },
  settleAgreed: agreeing(false),
  "settleAgreed in SOL": agreeing(true),
  collect: collecting(false),
  "collect in SOL": collecting(true),
  proposeParameters: async () => {
    const scene = await running();
    const terms = { authority: scene.world.upgradeAuthority, parameters: parametersOf(scene.world) };
    return { ...scene, instructions: await only(ionet.proposeParametersInstruction(terms)) };
  },
  applyParameters: async () => {
    const scene = await running();
    const terms = { authority: scene.world.upgradeAuthority, parameters: parametersOf(scene.world) };
    await run(scene.world.svm, scene.world.engineer, [await ionet.proposeParametersInstruction(terms)]);
    advance(scene.world.svm, 48 * 3_600);
    return { ...scene, instructions: await only(ionet.applyParametersInstruction()) };
  },
  revokeMeter: async () => {
    const scene = await running();
    const terms = { guardian: scene.world.guardianKey, meter: scene.world.meter.address };
    return { ...scene, instructions: await only(ionet.revokeMeterInstruction(terms)) };
  },
  setPause: async () => {
    const scene = await running();
    const terms = { guardian: scene.world.guardianKey, paused: true };
    return { ...scene, instructions: await only(ionet.setPauseInstruction(terms)) };
  },
};

/** Accounts that an attacker would put in an honest one's place, by what they are. */
export async function fakes(scene: Scene, attacked: Address): Promise<Record<string, Address>> {
  const { world, other, victim } = scene;
  const fresh = async () => (await world.newSigner()).address;
  const otherMint = await fresh();
  putMint(world.svm, otherMint);
  const strangers = { mint: world.usdc, wallet: world.stranger.address, amount: 10n ** 12n };
  const tokens = await putTokens(world.svm, { ...strangers, at: await fresh() });
  scene.strangersTokens.at = tokens;
  const closed = await fresh();
  await putTokens(world.svm, { mint: world.usdc, wallet: victim, at: closed });
  remove(world.svm, closed);
  const found: Record<string, Address> = {
    missing: await fresh(),
    closed,
    "a stranger's wallet": world.stranger.address,
    "a stranger's tokens": tokens,
    "the same wallet's tokens of another mint": await putTokens(world.svm, {
      ...{ mint: otherMint, wallet: victim, at: await fresh() },
    }),
    "another mint": otherMint,
    "the network": await ionet.networkAddress(),
  };
  if (other !== null) {
    found["another escrow"] = other.address;
    if (other.vault !== other.address) found["another escrow's vault"] = other.vault;
  }
  if (scene.escrow !== undefined) {
    found["the escrow again"] = scene.escrow.address;
    if (scene.escrow.vault !== scene.escrow.address) found["the vault again"] = scene.escrow.vault;
  }
  const real = world.svm.getAccount(attacked);
  if (real.exists && !real.executable && real.data.length > 0) {
    const copy = await fresh();
    world.svm.setAccount({ ...real, address: copy, programAddress: world.usdc });
    found["a copy owned by another program"] = copy;
  }
  return found;
}
