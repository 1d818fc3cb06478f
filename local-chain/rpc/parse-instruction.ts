import type { Address, ReadonlyUint8Array } from "@solana/kit";
import { SYSTEM_PROGRAM } from "../genesis.ts";
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from "../tokens.ts";
import { type ByteCursor, u8, u32 } from "./cursor.ts";
import {
  ASSOCIATED_TOKEN_LAYOUTS,
  type Layout,
  SYSTEM_LAYOUTS,
  TOKEN_LAYOUTS,
} from "./instruction-layouts.ts";

export type ParsedInstruction = { readonly program: string; readonly parsed: unknown };

const memo = { program: "spl-memo", parse: (data: Buffer) => data.toString("utf8") };
const token = { program: "spl-token", parse: byLayout(TOKEN_LAYOUTS, u8) };

/** The programs whose instructions are read here; Token-2022 goes by the older program's name, as on a node. */
const PROGRAMS: Readonly<
  Record<string, { program: string; parse: (data: Buffer, accounts: readonly Address[]) => unknown }>
> = {
  [SYSTEM_PROGRAM]: { program: "system", parse: byLayout(SYSTEM_LAYOUTS, u32) },
  [TOKEN_PROGRAM]: token,
  [TOKEN_2022_PROGRAM]: token,
  ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL: {
    program: "spl-associated-token-account",
    parse: byLayout(ASSOCIATED_TOKEN_LAYOUTS, (cursor) => (cursor.data.length === 0 ? 0 : u8(cursor))),
  },
  MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr: memo,
  Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo: memo,
};

/** What an instruction says, in a node's jsonParsed words; undefined where its program or its data is not known here. */
export function parseInstruction(
  program: Address,
  accounts: readonly Address[],
  data: ReadonlyUint8Array,
): ParsedInstruction | undefined {
  const known = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
  const parsed = known?.parse(Buffer.from(data), accounts);
  return known === undefined || parsed === undefined ? undefined : { program: known.program, parsed };
}

function byLayout(layouts: readonly Layout[], readNumber: (cursor: ByteCursor) => number) {
  return (data: Buffer, accounts: readonly Address[]): unknown => {
    const cursor = { data, at: 0 };
    try {
      const layout = layouts[readNumber(cursor)];
      if (layout === undefined || accounts.length < layout.accounts.length) return undefined;
      const info = { ...readFields(layout, cursor), ...nameAccounts(layout, accounts) };
      return { type: layout.type, info: layout.type === "setAuthority" ? nameOwned(info) : info };
    } catch (cause) {
      if (cause instanceof RangeError) return undefined;
      throw cause;
    }
  };
}

function readFields({ fields }: Layout, cursor: ByteCursor): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = field(cursor);
    if (value !== undefined) read[name] = value;
  }
  return read;
}

function nameAccounts({ accounts: names, signed }: Layout, accounts: readonly Address[]) {
  const last = names.length - 1;
  const multisig = signed && accounts.length > names.length;
  const named: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    const shown = multisig && index === last ? `multisig${name[0]?.toUpperCase()}${name.slice(1)}` : name;
    named[shown] = accounts[index];
  }
  return multisig ? { ...named, signers: accounts.slice(names.length) } : named;
}

/** Two of a token's authorities belong to its mint, the others to an account. */
function nameOwned({ account, ...info }: Record<string, unknown>) {
  const ofMint = info.authorityType === "mintTokens" || info.authorityType === "freezeAccount";
  return { [ofMint ? "mint" : "account"]: account, ...info };
}
