import type { Address, ReadonlyUint8Array } from "@solana/kit";
import { SYSTEM_PROGRAM } from "../../genesis.ts";
import {
  type ByteCursor,
  base64,
  borshText,
  cursorOf,
  f64,
  flag,
  i16,
  i64,
  list,
  pubkey,
  take,
  u8,
  u16,
  u32,
  u64,
} from "../cursor.ts";
import { parseWith } from "./parsed.ts";

/** An extension of a Token-2022 mint or account: its number, and the bytes that it keeps. */
export type Extension = { readonly number: number; readonly value: Buffer };

/** Extensions follow byte 165, which says whether a mint or an account has them. */
const FIRST_EXTENSION = 166;

type KnownExtension = { readonly name: string; readonly read?: (cursor: ByteCursor) => unknown };

const transferFee = (cursor: ByteCursor) => ({
  epoch: u64(cursor),
  maximumFee: u64(cursor),
  transferFeeBasisPoints: u16(cursor),
});
const pointer = (target: string) => (cursor: ByteCursor) => ({
  authority: maybePubkey(cursor),
  [target]: maybePubkey(cursor),
});
const ciphertext = base64(64);
const smallCiphertext = base64(36);
const elgamalKey = base64(32);

/** By number (spl-token-2022, ExtensionType); the names and words are those of a node's jsonParsed. */
const EXTENSIONS: readonly KnownExtension[] = [
  { name: "uninitialized" },
  {
    name: "transferFeeConfig",
    read: (cursor) => ({
      transferFeeConfigAuthority: maybePubkey(cursor),
      withdrawWithheldAuthority: maybePubkey(cursor),
      withheldAmount: u64(cursor),
      olderTransferFee: transferFee(cursor),
      newerTransferFee: transferFee(cursor),
    }),
  },
  { name: "transferFeeAmount", read: (cursor) => ({ withheldAmount: u64(cursor) }) },
  { name: "mintCloseAuthority", read: (cursor) => ({ closeAuthority: maybePubkey(cursor) }) },
  {
    name: "confidentialTransferMint",
    read: (cursor) => ({
      authority: maybePubkey(cursor),
      autoApproveNewAccounts: flag(cursor),
      auditorElgamalPubkey: maybeElgamalKey(cursor),
    }),
  },
  { name: "confidentialTransferAccount", read: confidentialTransferAccount },
  { name: "defaultAccountState", read: (cursor) => ({ accountState: accountState(u8(cursor)) }) },
  { name: "immutableOwner" },
  { name: "memoTransfer", read: (cursor) => ({ requireIncomingTransferMemos: flag(cursor) }) },
  { name: "nonTransferable" },
  { name: "interestBearingConfig", read: readInterest },
  { name: "cpiGuard", read: (cursor) => ({ lockCpi: flag(cursor) }) },
  { name: "permanentDelegate", read: (cursor) => ({ delegate: maybePubkey(cursor) }) },
  { name: "nonTransferableAccount" },
  { name: "transferHook", read: pointer("programId") },
  { name: "transferHookAccount", read: (cursor) => ({ transferring: flag(cursor) }) },
  {
    name: "confidentialTransferFeeConfig",
    read: (cursor) => ({
      authority: maybePubkey(cursor),
      withdrawWithheldAuthorityElgamalPubkey: maybeElgamalKey(cursor),
      harvestToMintEnabled: flag(cursor),
      withheldAmount: ciphertext(cursor),
    }),
  },
  { name: "confidentialTransferFeeAmount", read: (cursor) => ({ withheldAmount: ciphertext(cursor) }) },
  { name: "metadataPointer", read: pointer("metadataAddress") },
  { name: "tokenMetadata", read: tokenMetadata },
  { name: "groupPointer", read: pointer("groupAddress") },
  {
    name: "tokenGroup",
    read: (cursor) => ({
      updateAuthority: maybePubkey(cursor),
      mint: pubkey(cursor),
      size: u64(cursor),
      maxSize: u64(cursor),
    }),
  },
  { name: "groupMemberPointer", read: pointer("memberAddress") },
  {
    name: "tokenGroupMember",
    read: (cursor) => ({ mint: pubkey(cursor), group: pubkey(cursor), memberNumber: u64(cursor) }),
  },
  {
    name: "confidentialMintBurn",
    read: (cursor) => ({
      confidentialSupply: ciphertext(cursor),
      decryptableSupply: smallCiphertext(cursor),
      supplyElgamalPubkey: elgamalKey(cursor),
      pendingBurn: ciphertext(cursor),
    }),
  },
  {
    name: "scaledUiAmountConfig",
    read: (cursor) => {
      const { multiplier, newMultiplier, ...scale } = readScale(cursor);
      return { ...scale, multiplier: String(multiplier), newMultiplier: String(newMultiplier) };
    },
  },
  { name: "pausableConfig", read: (cursor) => ({ authority: maybePubkey(cursor), paused: flag(cursor) }) },
  { name: "pausableAccount" },
  { name: "permissionedBurnConfig", read: (cursor) => ({ authority: maybePubkey(cursor) }) },
];

/** The extensions in a mint's or an account's data; none where one is unknown, as a node does. */
export function extensionsOf(data: ReadonlyUint8Array): Extension[] {
  const cursor = { ...cursorOf(data), at: FIRST_EXTENSION };
  const found: Extension[] = [];
  while (cursor.at + 4 <= data.length) {
    const number = u16(cursor);
    if (number === 0) break;
    const length = u16(cursor);
    if (EXTENSIONS[number] === undefined || cursor.at + length > data.length) return [];
    found.push({ number, value: take(cursor, length) });
  }
  return found;
}

/** An extension in a node's words. */
export function describeExtension({ number, value }: Extension) {
  const known = EXTENSIONS[number];
  if (known?.read === undefined) return { extension: known?.name };
  const { name, read } = known;
  const state = parseWith(value, (cursor) => {
    const fields = read(cursor);
    return cursor.at === value.length ? fields : undefined;
  });
  return state === undefined ? { extension: "unparsableExtension" } : { extension: name, state };
}

/** What one extension keeps; undefined where it is not among these. */
export function findExtension<State>(
  extensions: readonly Extension[],
  name: string,
  read: (cursor: ByteCursor) => State,
): State | undefined {
  const found = extensions.find(({ number }) => EXTENSIONS[number]?.name === name);
  return found && parseWith(found.value, read);
}

/** How a mint's amounts grow: two rates in hundredths of a percent a year, before and after the last change. */
export function readInterest(cursor: ByteCursor) {
  return {
    rateAuthority: maybePubkey(cursor),
    initializationTimestamp: i64(cursor),
    preUpdateAverageRate: i16(cursor),
    lastUpdateTimestamp: i64(cursor),
    currentRate: i16(cursor),
  };
}

/** What a mint's amounts are multiplied by when they are shown, and from when on by what else. */
export function readScale(cursor: ByteCursor) {
  return {
    authority: maybePubkey(cursor),
    multiplier: f64(cursor),
    newMultiplierEffectiveTimestamp: i64(cursor),
    newMultiplier: f64(cursor),
  };
}

/** The name of a token account's state by its number. */
export function accountState(state: number): string {
  return ["uninitialized", "initialized", "frozen"][state] ?? "uninitialized";
}

function tokenMetadata(cursor: ByteCursor) {
  return {
    updateAuthority: maybePubkey(cursor),
    mint: pubkey(cursor),
    name: borshText(cursor),
    symbol: borshText(cursor),
    uri: borshText(cursor),
    additionalMetadata: list((at) => [borshText(at), borshText(at)], u32)(cursor),
  };
}

function confidentialTransferAccount(cursor: ByteCursor) {
  return {
    approved: flag(cursor),
    elgamalPubkey: elgamalKey(cursor),
    pendingBalanceLo: ciphertext(cursor),
    pendingBalanceHi: ciphertext(cursor),
    availableBalance: ciphertext(cursor),
    decryptableAvailableBalance: smallCiphertext(cursor),
    allowConfidentialCredits: flag(cursor),
    allowNonConfidentialCredits: flag(cursor),
    pendingBalanceCreditCounter: u64(cursor),
    maximumPendingBalanceCreditCounter: u64(cursor),
    expectedPendingBalanceCreditCounter: u64(cursor),
    actualPendingBalanceCreditCounter: u64(cursor),
  };
}

/** Extensions write nobody as zeros. */
function maybePubkey(cursor: ByteCursor): Address | null {
  const key = pubkey(cursor);
  return key === SYSTEM_PROGRAM ? null : key;
}

function maybeElgamalKey(cursor: ByteCursor): string | null {
  const key = take(cursor, 32);
  return key.every((byte) => byte === 0) ? null : key.toString("base64");
}
