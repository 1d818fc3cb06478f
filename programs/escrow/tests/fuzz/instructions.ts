import { chainTag, ESCROW_PROGRAM, NATIVE_SOL, verifyReadingInstruction } from "@ionet/chain";
import { encodeReading } from "@ionet/protocol";
import {
  AccountRole,
  type Address,
  createNoopSigner,
  getAddressEncoder,
  type Instruction,
} from "@solana/kit";
import { getCloseEscrowInstruction } from "../../../../chain/escrow/generated/instructions/closeEscrow.ts";
import { getCollectInstruction } from "../../../../chain/escrow/generated/instructions/collect.ts";
import { getEndLeaseInstruction } from "../../../../chain/escrow/generated/instructions/endLease.ts";
import { getOpenEscrowInstruction } from "../../../../chain/escrow/generated/instructions/openEscrow.ts";
import { getReplaceLeaseInstruction } from "../../../../chain/escrow/generated/instructions/replaceLease.ts";
import { getSettleInstruction } from "../../../../chain/escrow/generated/instructions/settle.ts";
import { getSettleAgreedInstruction } from "../../../../chain/escrow/generated/instructions/settleAgreed.ts";
import { getStopInstruction } from "../../../../chain/escrow/generated/instructions/stop.ts";
import { getTopUpInstruction } from "../../../../chain/escrow/generated/instructions/topUp.ts";
import { GENESIS } from "../world.ts";
import type { Arena } from "./arena.ts";
import type { Play } from "./play.ts";

// The generated builders at once, with addresses known before: deriving them anew for each of a million transactions
// would be most of the time.

const bytesOf = (address: Address) => new Uint8Array(getAddressEncoder().encode(address));
const mintOf = (arena: Arena, native: boolean) => (native ? NATIVE_SOL : arena.usdc);

/** Where a wallet is paid. */
const accountOf = ({ arena, native }: Pick<Play, "arena" | "native">, wallet: Address): Address =>
  native ? wallet : (arena.tokenAccounts.get(wallet) ?? wallet);

export function open(
  arena: Arena,
  terms: {
    address: Address;
    vault: Address;
    native: boolean;
    id: bigint;
    deposit: bigint;
    spareLeases: number;
    leases: { supplier: Address; ratePerHour: bigint; maxSeconds: number }[];
  },
): Instruction {
  const { address, vault, native, id, deposit, spareLeases, leases } = terms;
  return getOpenEscrowInstruction({
    ...{ engineer: createNoopSigner(arena.engineer), rentPayer: createNoopSigner(arena.stranger) },
    ...{ escrow: address, vault, network: arena.network, mint: mintOf(arena, native) },
    engineerTokens: accountOf({ arena, native }, arena.engineer),
    ...{ id, deposit, delegate: arena.delegate, spareLeases, leases },
  });
}

export function settle(played: Play, final: boolean, reading: [number, number][]): Instruction[] {
  const { arena, escrow } = played;
  const bytes = encodeReading({
    program: bytesOf(ESCROW_PROGRAM),
    network: bytesOf(arena.network),
    chainTag: chainTag(GENESIS),
    escrow: bytesOf(escrow.address),
    ...{ openedSlot: escrow.openedSlot, final },
    leases: reading.map(([index, seconds]) => ({ index, seconds })),
  });
  const instruction = getSettleInstruction({
    ...{ escrow: escrow.address, vault: escrow.vault, network: arena.network },
    treasuryTokens: accountOf(played, arena.treasury),
  });
  const destinations = reading.map(([index]) => ({
    address: accountOf(played, supplierOf(played, index)),
    role: AccountRole.WRITABLE,
  }));
  const { meter } = arena;
  return [
    verifyReadingInstruction({ reading: bytes, signature: meter.sign(bytes), meter: meter.address }),
    { ...instruction, accounts: [...instruction.accounts, ...destinations] },
  ];
}

export function agree(played: Play, lease: number, seconds: number): Instruction {
  const { arena, escrow } = played;
  const supplier = supplierOf(played, lease);
  return getSettleAgreedInstruction({
    ...{ engineer: createNoopSigner(arena.engineer), supplier: createNoopSigner(supplier), lease, seconds },
    ...{ escrow: escrow.address, vault: escrow.vault, network: arena.network, openedSlot: escrow.openedSlot },
    supplierTokens: accountOf(played, supplier),
    treasuryTokens: accountOf(played, arena.treasury),
  });
}

export function stop(played: Play): Instruction {
  const { arena, escrow } = played;
  return getStopInstruction({
    engineer: createNoopSigner(arena.engineer),
    ...{ escrow: escrow.address, vault: escrow.vault, openedSlot: escrow.openedSlot },
    engineerTokens: accountOf(played, arena.engineer),
  });
}

export function endLease({ arena, escrow }: Play, lease: number): Instruction {
  const signer = createNoopSigner(arena.delegate);
  return getEndLeaseInstruction({ signer, escrow: escrow.address, openedSlot: escrow.openedSlot, lease });
}

export function topUp(played: Play, terms: { amount: bigint; seconds: number; leases: bigint }): Instruction {
  const { arena, escrow, native } = played;
  return getTopUpInstruction({
    ...{ payer: createNoopSigner(arena.stranger), payerTokens: accountOf(played, arena.stranger), ...terms },
    ...{ escrow: escrow.address, vault: escrow.vault, openedSlot: escrow.openedSlot },
    mint: mintOf(arena, native),
  });
}

export function replace(
  { arena, escrow }: Play,
  terms: { position: number; registration: Address; rate: bigint; maxSeconds: number },
): Instruction {
  return getReplaceLeaseInstruction({
    ...{ delegate: createNoopSigner(arena.delegate), supplier: terms.registration },
    ...{ escrow: escrow.address, openedSlot: escrow.openedSlot, lease: terms.position },
    ...{ ratePerHour: terms.rate, maxSeconds: terms.maxSeconds },
  });
}

export function collect(played: Play, wallet: Address): Instruction {
  const { arena, escrow } = played;
  return getCollectInstruction({
    ...{ wallet: createNoopSigner(wallet), escrow: escrow.address, vault: escrow.vault },
    ...{ destination: accountOf(played, arena.elsewhere), network: arena.network },
  });
}

export function close(played: Play): Instruction {
  const { arena, escrow } = played;
  return getCloseEscrowInstruction({
    ...{ escrow: escrow.address, vault: escrow.vault, rentPayer: arena.stranger },
    engineerTokens: accountOf(played, arena.engineer),
  });
}

function supplierOf({ model }: Play, lease: number): Address {
  const supplier = model.leases[lease]?.supplier;
  if (supplier === undefined) throw new RangeError(`no lease ${lease}`);
  return supplier as Address;
}
