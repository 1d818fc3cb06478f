import { readFileSync } from "node:fs";
import {
  AccountRole,
  type Address,
  type Instruction,
  isSignerRole,
  isWritableRole,
  type KeyPairSigner,
} from "@solana/kit";
import type { LiteSVM } from "litesvm";
import { z } from "zod";
import { withAccount } from "./change-instruction.ts";
import { refusal, run } from "./run.ts";

/** A moment at which an instruction is accepted as it is; the attacks change it, one account at a time. */
export type Scene = {
  svm: LiteSVM;
  /** Sends every attack, and pays for it. */
  stranger: KeyPairSigner;
  /** The last is the instruction under attack. */
  instructions: readonly Instruction[];
  /** Accounts that an attacker would put in an honest one's place, by what they are. */
  fakes(attacked: Address): Promise<Record<string, Address>>;
  /** What the stranger holds, currency by currency. */
  wealth(): readonly bigint[];
};

/** An account of an instruction, an attack on it, and how it ended. */
export type Row = { instruction: string; account: string; attack: string; outcome: string };

/** What the attacks need to know of a program. */
export type Ground = {
  /** The accounts of an instruction, in their order. */
  accountsOf(instruction: string): readonly string[];
  /** Why an accepted attack gains nobody anything; null where it does, or nobody knows. */
  harmless(row: Row): string | null;
};

const idlSchema = z.object({
  program: z.object({
    instructions: z.array(
      z.object({ name: z.string(), accounts: z.array(z.object({ name: z.string() })).optional() }),
    ),
  }),
});

/** The accounts of a program's instructions, by its IDL. */
export function interfaceOf(program: string): Ground["accountsOf"] {
  const idl = readFileSync(new URL(`../${program}/idl.json`, import.meta.url), "utf8");
  const { instructions } = idlSchema.parse(JSON.parse(idl)).program;
  return (wanted) =>
    instructions.find(({ name }) => name === wanted)?.accounts?.map(({ name }) => name) ?? [];
}

const FIXED = ["no signature", "read-only"] as const;

/** Every account of an instruction, put in turn to every attack. `name` begins with the instruction's in the IDL. */
export async function attackAll(
  name: string,
  build: () => Promise<Scene>,
  { accountsOf, harmless }: Ground,
): Promise<Row[]> {
  const rows: Row[] = [];
  const known = accountsOf(name.split(" ")[0] ?? "");
  let scene = await build();
  for (let position = 0; position < (last(scene.instructions).accounts?.length ?? 0); position++) {
    const account = snake(known[position] ?? `account ${position - known.length + 1} of those that follow`);
    const attacks = [...FIXED, ...Object.keys(await scene.fakes(honestAccount(scene, position).address))];
    for (const attack of attacks) {
      const attacked = await alter(scene, position, attack);
      if (attacked === null) continue;
      const before = scene.wealth();
      const { svm, stranger, instructions } = scene;
      const sent = refusal(run(svm, stranger, [...instructions.slice(0, -1), attacked]));
      const outcome = named(await sent);
      const row = { instruction: name, account, attack, outcome };
      const because = outcome === "accepted" ? harmless(row) : null;
      const gains = scene.wealth().some((now, at) => now > (before[at] ?? 0n));
      if (gains && because === null) throw new Error(`the stranger gains by ${JSON.stringify(row)}`);
      rows.push(because === null ? row : { ...row, outcome: `accepted; ${because}` });
      if (outcome === "accepted") scene = await build();
    }
  }
  return rows;
}

/** The instruction under attack; null where the attack says nothing about this account. */
async function alter(scene: Scene, position: number, attack: string): Promise<Instruction | null> {
  const { address, role } = honestAccount(scene, position);
  const instruction = last(scene.instructions);
  const unsigned = isWritableRole(role) ? AccountRole.WRITABLE : AccountRole.READONLY;
  if (attack === "no signature") {
    return isSignerRole(role) ? withAccount(instruction, position, { role: unsigned }) : null;
  }
  if (attack === "read-only") {
    return !isWritableRole(role) || isSignerRole(role)
      ? null
      : withAccount(instruction, position, { role: AccountRole.READONLY });
  }
  const fake = (await scene.fakes(address))[attack];
  if (fake === undefined || fake === address) return null;
  // The stranger pays the transaction, and signs.
  const signs = isSignerRole(role) && fake === scene.stranger.address;
  return withAccount(instruction, position, { address: fake, role: signs ? role : unsigned });
}

const last = (instructions: readonly Instruction[]): Instruction => {
  const instruction = instructions.at(-1);
  if (instruction === undefined) throw new Error("no instruction");
  return instruction;
};
const honestAccount = (scene: Scene, position: number): { address: Address; role: AccountRole } => {
  const account = last(scene.instructions).accounts?.[position];
  if (account === undefined) throw new RangeError(`no account ${position}`);
  return account;
};
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** The program's word for a refusal, or the runtime's. */
const named = (reason: string): string => {
  const runtime = /InstructionError\(\d+, (\w+)/.exec(reason);
  return runtime === null ? reason : `${runtime[1]} (runtime)`;
};
