import {
  type ByteField,
  checkedUnits,
  nullablePubkey,
  optionalPubkey,
  pubkey,
  restAsText,
  text,
  u8,
  u64,
  u64Text,
} from "./cursor.ts";

/** What an instruction is called, and what its accounts and data mean, in the words of a node's jsonParsed. */
export type Layout = {
  readonly type: string;
  readonly accounts: readonly string[];
  readonly fields: Readonly<Record<string, ByteField>>;
  /** The last account signs; where more accounts follow, it is a multisig and they are its signers. */
  readonly signed: boolean;
};

const layout = (type: string, accounts: string, fields: Layout["fields"] = {}): Layout => ({
  type,
  accounts: accounts.split(" "),
  fields,
  signed: false,
});
const signed = (type: string, accounts: string, fields: Layout["fields"] = {}): Layout => ({
  ...layout(type, accounts, fields),
  signed: true,
});

/** By the u32 that the data begins with (agave, transaction-status/src/parse_system.rs). */
export const SYSTEM_LAYOUTS: readonly Layout[] = [
  layout("createAccount", "source newAccount", { lamports: u64, space: u64, owner: pubkey }),
  layout("assign", "account", { owner: pubkey }),
  layout("transfer", "source destination", { lamports: u64 }),
  layout("createAccountWithSeed", "source newAccount", {
    base: pubkey,
    seed: text,
    lamports: u64,
    space: u64,
    owner: pubkey,
  }),
  layout("advanceNonce", "nonceAccount recentBlockhashesSysvar nonceAuthority"),
  layout("withdrawFromNonce", "nonceAccount destination recentBlockhashesSysvar rentSysvar nonceAuthority", {
    lamports: u64,
  }),
  layout("initializeNonce", "nonceAccount recentBlockhashesSysvar rentSysvar", { nonceAuthority: pubkey }),
  layout("authorizeNonce", "nonceAccount nonceAuthority", { newAuthorized: pubkey }),
  layout("allocate", "account", { space: u64 }),
  layout("allocateWithSeed", "account", { base: pubkey, seed: text, space: u64, owner: pubkey }),
  layout("assignWithSeed", "account", { base: pubkey, seed: text, owner: pubkey }),
  layout("transferWithSeed", "source sourceBase destination", {
    lamports: u64,
    sourceSeed: text,
    sourceOwner: pubkey,
  }),
  layout("upgradeNonce", "nonceAccount"),
];

const authorityType: ByteField = (cursor) =>
  ["mintTokens", "freezeAccount", "accountOwner", "closeAccount"][u8(cursor)];
const newMint = { decimals: u8, mintAuthority: pubkey, freezeAuthority: optionalPubkey };

/** By the first byte of the data (agave, transaction-status/src/parse_token.rs). */
export const TOKEN_LAYOUTS: readonly Layout[] = [
  layout("initializeMint", "mint rentSysvar", newMint),
  layout("initializeAccount", "account mint owner rentSysvar"),
  layout("initializeMultisig", "multisig rentSysvar", { m: u8 }),
  signed("transfer", "source destination authority", { amount: u64Text }),
  signed("approve", "source delegate owner", { amount: u64Text }),
  signed("revoke", "source owner"),
  signed("setAuthority", "account authority", { authorityType, newAuthority: nullablePubkey }),
  signed("mintTo", "mint account mintAuthority", { amount: u64Text }),
  signed("burn", "account mint authority", { amount: u64Text }),
  signed("closeAccount", "account destination owner"),
  signed("freezeAccount", "account mint freezeAuthority"),
  signed("thawAccount", "account mint freezeAuthority"),
  signed("transferChecked", "source mint destination authority", { tokenAmount: checkedUnits }),
  signed("approveChecked", "source mint delegate owner", { tokenAmount: checkedUnits }),
  signed("mintToChecked", "mint account mintAuthority", { tokenAmount: checkedUnits }),
  signed("burnChecked", "account mint authority", { tokenAmount: checkedUnits }),
  layout("initializeAccount2", "account mint rentSysvar", { owner: pubkey }),
  layout("syncNative", "account"),
  layout("initializeAccount3", "account mint", { owner: pubkey }),
  layout("initializeMultisig2", "multisig", { m: u8 }),
  layout("initializeMint2", "mint", newMint),
  layout("getAccountDataSize", "mint"),
  layout("initializeImmutableOwner", "account"),
  layout("amountToUiAmount", "mint", { amount: u64Text }),
  layout("uiAmountToAmount", "mint", { uiAmount: restAsText }),
];

const forWallet = "source account wallet mint systemProgram tokenProgram";

/** By the first byte of the data; none is the first (agave, transaction-status/src/parse_associated_token.rs). */
export const ASSOCIATED_TOKEN_LAYOUTS: readonly Layout[] = [
  layout("create", forWallet),
  layout("createIdempotent", forWallet),
  layout("recoverNested", "nestedSource nestedMint destination nestedOwner ownerMint wallet tokenProgram"),
];
