import { type Address, address } from "@solana/kit";
import { getCreateAccountWithSeedInstruction } from "@solana-program/system";
import {
  AuthorityType,
  getApproveCheckedInstruction,
  getInitializeMint2Instruction,
  getSetAuthorityInstruction,
} from "@solana-program/token";
import { beforeAll, expect, test } from "vitest";
import { freshAddress } from "../testing/network.ts";
import { TOKEN_PROGRAM } from "../tokens.ts";
import { parseInstruction } from "./parse-instruction.ts";

const SYSTEM = address("11111111111111111111111111111111");
let [a, b, c, d]: Address[] = [];
const some = (value: Address | undefined): Address => value ?? SYSTEM;
beforeAll(async () => {
  [a, b, c, d] = await Promise.all([freshAddress(), freshAddress(), freshAddress(), freshAddress()]);
});

const parse = (instruction: {
  programAddress: Address;
  accounts?: readonly { address: Address }[];
  data: Parameters<typeof parseInstruction>[2];
}) =>
  parseInstruction(
    instruction.programAddress,
    (instruction.accounts ?? []).map((one) => one.address),
    instruction.data,
  );

test("an authority that is changed is told with what it belongs to: mint or account", () => {
  const change = (authorityType: AuthorityType, newAuthority: Address | null) =>
    parse(getSetAuthorityInstruction({ owned: some(a), owner: some(b), authorityType, newAuthority }));
  expect(change(AuthorityType.FreezeAccount, some(c))).toEqual({
    program: "spl-token",
    parsed: {
      type: "setAuthority",
      info: { mint: a, authority: b, authorityType: "freezeAccount", newAuthority: c },
    },
  });
  expect(change(AuthorityType.CloseAccount, null)?.parsed).toMatchObject({
    info: { account: a, authority: b, authorityType: "closeAccount", newAuthority: null },
  });
});

test("a multisig is told with its signers", () => {
  const instruction = getApproveCheckedInstruction({
    source: some(a),
    mint: some(b),
    delegate: some(c),
    owner: some(d),
    amount: 250n,
    decimals: 2,
  });
  const accounts = [...instruction.accounts, { address: some(a) }, { address: some(b) }];
  expect(parse({ ...instruction, accounts })?.parsed).toMatchObject({
    type: "approveChecked",
    info: {
      source: a,
      mint: b,
      delegate: c,
      multisigOwner: d,
      signers: [a, b],
      tokenAmount: { amount: "250", uiAmountString: "2.5" },
    },
  });
});

test("what is not there is left out, and texts are read", () => {
  const mint = getInitializeMint2Instruction({ mint: some(a), decimals: 9, mintAuthority: some(b) });
  expect(parse(mint)?.parsed).toEqual({
    type: "initializeMint2",
    info: { mint: a, decimals: 9, mintAuthority: b },
  });
  const seeded = parseInstruction(
    SYSTEM,
    [some(a), some(b)],
    getCreateAccountWithSeedInstruction({
      payer: { address: some(a), signTransactions: async () => [] },
      newAccount: some(b),
      base: some(c),
      seed: "Säge",
      amount: 7n,
      space: 8n,
      programAddress: some(d),
    }).data,
  );
  expect(seeded?.parsed).toEqual({
    type: "createAccountWithSeed",
    info: { source: a, newAccount: b, base: c, seed: "Säge", lamports: 7n, space: 8n, owner: d },
  });
});

test("an instruction that ends too early, has too few accounts, or is of another program is left as it is", () => {
  const transfer = new Uint8Array([3, 1, 0, 0, 0, 0, 0, 0, 0]);
  const accounts = [some(a), some(b), some(c)];
  expect(parseInstruction(TOKEN_PROGRAM, accounts, transfer)).toBeDefined();
  expect(parseInstruction(TOKEN_PROGRAM, accounts, transfer.slice(0, 8))).toBeUndefined();
  expect(parseInstruction(TOKEN_PROGRAM, accounts.slice(0, 2), transfer)).toBeUndefined();
  expect(parseInstruction(TOKEN_PROGRAM, accounts, new Uint8Array())).toBeUndefined();
  expect(parseInstruction(TOKEN_PROGRAM, accounts, new Uint8Array([200]))).toBeUndefined();
  expect(parseInstruction(some(d), accounts, transfer)).toBeUndefined();
});
