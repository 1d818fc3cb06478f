import {
  AccountRole,
  type Address,
  address,
  getAddressEncoder,
  getProgramDerivedAddress,
  getU64Encoder,
  type Instruction,
  type TransactionSigner,
} from "@solana/kit";

const LOOKUP_TABLES = address("AddressLookupTab1e1111111111111111111111111");
const SYSTEM = address("11111111111111111111111111111111");
const CREATE = 0;
const EXTEND = 2;
const DEACTIVATE = 3;
const CLOSE = 4;
/** What fits into one transaction. */
const ADDRESSES_A_TRANSACTION = 25;

/**
 * A lookup table of these addresses, for wallets and endpoints that take v0 transactions only: with it one settlement
 * pays a full escrow. Send the batches in order, each in its own transaction, and use the table from the next slot on.
 */
export async function createLookupTable(terms: {
  /** Owns the table and pays its rent. */
  owner: TransactionSigner;
  /** A slot of the last few minutes, not the newest: as getSlot gives it. */
  recentSlot: bigint;
  addresses: readonly Address[];
}): Promise<{ table: Address; batches: Instruction[][] }> {
  const { owner, recentSlot, addresses } = terms;
  const slot = getU64Encoder().encode(recentSlot);
  const [table, bump] = await getProgramDerivedAddress({
    programAddress: LOOKUP_TABLES,
    seeds: [getAddressEncoder().encode(owner.address), slot],
  });
  const accounts = [
    { address: table, role: AccountRole.WRITABLE },
    { address: owner.address, role: AccountRole.READONLY_SIGNER, signer: owner },
    { address: owner.address, role: AccountRole.WRITABLE_SIGNER, signer: owner },
    { address: SYSTEM, role: AccountRole.READONLY },
  ];
  const create = { programAddress: LOOKUP_TABLES, accounts, data: bytes(CREATE, slot, [bump]) };
  const extensions: Instruction[] = [];
  for (let start = 0; start < addresses.length; start += ADDRESSES_A_TRANSACTION) {
    const some = addresses.slice(start, start + ADDRESSES_A_TRANSACTION);
    const count = getU64Encoder().encode(BigInt(some.length));
    const data = bytes(EXTEND, count, ...some.map((one) => getAddressEncoder().encode(one)));
    extensions.push({ programAddress: LOOKUP_TABLES, accounts, data });
  }
  const [first, ...rest] = extensions;
  return { table, batches: [first === undefined ? [create] : [create, first], ...rest.map((one) => [one])] };
}

/** Begins to take a table off the chain; it is of no use from then on, and can be closed after about 512 slots. */
export function deactivateLookupTableInstruction(owner: TransactionSigner, table: Address): Instruction {
  return { programAddress: LOOKUP_TABLES, accounts: ownedTable(owner, table), data: bytes(DEACTIVATE) };
}

/** Closes a deactivated table; its rent goes back to its owner. */
export function closeLookupTableInstruction(owner: TransactionSigner, table: Address): Instruction {
  const recipient = { address: owner.address, role: AccountRole.WRITABLE };
  return {
    programAddress: LOOKUP_TABLES,
    accounts: [...ownedTable(owner, table), recipient],
    data: bytes(CLOSE),
  };
}

const ownedTable = (owner: TransactionSigner, table: Address) => [
  { address: table, role: AccountRole.WRITABLE },
  { address: owner.address, role: AccountRole.READONLY_SIGNER, signer: owner },
];

/** A number of 4 bytes, then what follows. */
function bytes(discriminator: number, ...parts: Iterable<number>[]): Uint8Array {
  return new Uint8Array([discriminator, 0, 0, 0, ...parts.flatMap((part) => [...part])]);
}
