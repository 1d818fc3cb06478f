import { type EscrowState, escrowAddress, tokenAccountOf } from "@ionet/chain";
import { type Address, type Instruction, lamports } from "@solana/kit";
import { advance, now } from "../../../testing/svm.ts";
import { putTokens, remove, tokensAt } from "../../../testing/tokens.ts";
import { budgetOf, FEE_BPS } from "../world.ts";
import type { Arena } from "./arena.ts";
import { compare } from "./compare.ts";
import * as instructions from "./instructions.ts";
import * as model from "./model.ts";
import type { Sequence, Step } from "./sequence.ts";

const MINIMUM_BALANCE = 890_880n;
const PURSE = 2n ** 62n;
const SOL_RATE_SECONDS = 86_400;
const ELSEWHERE = "elsewhere";
const MAX_SECONDS = 2n ** 31n;

/** A sequence under way: an escrow on chain, and what it should be. */
export type Play = {
  arena: Arena;
  native: boolean;
  id: bigint;
  escrow: Pick<EscrowState, "address" | "vault" | "openedSlot">;
  model: model.Model;
  /** What was sent so far and names the escrow's opening, and by which word it is refused for a later one. */
  sent: Signed[];
  /** The same of escrows at this address that are closed. */
  old: Signed[];
};
type Signed = { instructions: Instruction[]; refusal: string };

/** An escrow's number that was not used on this arena. */
const ids = new WeakMap<Arena, bigint>();

/**
 * Plays a sequence on the chain and in the model; throws where they differ, after the step that did it. `tell` hears
 * of every step and how it ended.
 */
export async function play(
  arena: Arena,
  { steps, ...given }: Sequence,
  tell: (step: Step["do"], refused: string | null) => void = () => {},
): Promise<void> {
  let started = await start(arena, given, nextId(arena));
  compare(started);
  for (const step of steps) {
    if (started.model.status === "closed") {
      const { id, sent, old } = started;
      started = { ...(await start(arena, given, id)), old: [...old, ...sent] };
      replay(started);
    }
    const { chain, expected } = await take(started, step);
    if (chain !== expected) {
      throw new Error(
        `${step.do}: the chain says ${chain ?? "accepted"}, the model ${expected ?? "accepted"}`,
      );
    }
    tell(step.do, chain);
    compare(started);
  }
}

/** Nothing that was signed for an earlier escrow at this address counts for this one. */
function replay({ arena, old }: Play): void {
  for (const { instructions, refusal } of old) {
    const refused = arena.run(...instructions);
    if (refused !== refusal) throw new Error(`sent again: ${refused ?? "accepted"} instead of ${refusal}`);
  }
}

function nextId(arena: Arena): bigint {
  const id = (ids.get(arena) ?? 0n) + 1n;
  ids.set(arena, id);
  return id;
}

async function start(arena: Arena, given: Omit<Sequence, "steps">, id: bigint): Promise<Play> {
  const { svm, suppliers } = arena;
  const { native } = given;
  const wallets: [string, Address, bigint][] = [
    ...suppliers.map(({ wallet }): [string, Address, bigint] => [wallet, wallet, MINIMUM_BALANCE]),
    [model.TREASURY, arena.treasury, MINIMUM_BALANCE],
    [model.ENGINEER, arena.engineer, PURSE],
    [ELSEWHERE, arena.elsewhere, MINIMUM_BALANCE],
    ["stranger", arena.stranger, PURSE],
  ];
  for (const [, wallet, balance] of wallets) {
    // Whoever signs for fees holds lamports in any case.
    if (native || wallet === arena.stranger) setLamports(arena, wallet, balance);
    if (!native) await setTokens(arena, wallet, balance);
  }
  const leases = given.leases.map(({ supplier, rate, maxSeconds }) => ({
    ...{ supplier: walletOf(arena, supplier), ratePerHour: rate, maxSeconds },
  }));
  const deposit = budgetOf(leases) + given.more;
  const address = await escrowAddress(arena.engineer, id);
  const vault = native ? address : await tokenAccountOf(address, arena.usdc);
  const { spareLeases } = given;
  const opened = arena.run(
    instructions.open(arena, { address, vault, native, id, deposit, spareLeases, leases }),
  );
  if (opened !== null) throw new Error(`the escrow was not opened: ${opened}`);
  const at = now(svm);
  const purses = wallets.map(([name, , balance]): [string, model.Purse] => [name, { there: true, balance }]);
  const started: model.Model = {
    minimumBalance: native ? MINIMUM_BALANCE : null,
    rateValidSeconds: native ? SOL_RATE_SECONDS : null,
    ...{ feeBps: FEE_BPS, minimumSeconds: 60, releaseAfterSeconds: 86_400, openedAt: at },
    ...{ capacity: leases.length + spareLeases, status: "open", deposited: deposit, refunded: 0n },
    ...{ feesSent: 0n, donated: 0n, purses: new Map(purses) },
    leases: leases.map(({ supplier, ratePerHour: rate, maxSeconds }) => ({
      ...{ supplier, rate, maxSeconds, startedAt: at, endedAt: null, seconds: 0, sent: 0n, replaced: false },
    })),
  };
  const engineer = started.purses.get(model.ENGINEER);
  if (engineer !== undefined) engineer.balance -= deposit;
  const { slot: openedSlot } = svm.getClock();
  return { arena, native, id, escrow: { address, vault, openedSlot }, model: started, sent: [], old: [] };
}

type Outcome = { chain: string | null; expected: string | null };
const BOTH_ACCEPT: Outcome = { chain: null, expected: null };
const REFUSED_LATER: Partial<Record<Step["do"], string>> = {
  settle: "ReadingForAnotherOpening",
  agree: "WrongOpening",
  stop: "WrongOpening",
  "end lease": "WrongOpening",
};

async function take(played: Play, step: Step): Promise<Outcome> {
  const { arena, model: expected } = played;
  const { svm } = arena;
  const run = (...instructions: Instruction[]) => {
    const refusal = REFUSED_LATER[step.do];
    if (refusal !== undefined) played.sent.push({ instructions, refusal });
    return arena.run(...instructions);
  };
  const position = "lease" in step ? step.lease % expected.leases.length : 0;
  switch (step.do) {
    case "wait":
      advance(svm, step.seconds);
      return BOTH_ACCEPT;
    case "settle": {
      const all = expected.leases.map((_, at): [number, number] => [at, step.seconds[at] ?? 0]);
      const some = all.filter(([at]) => (step.leases >> at) % 2 === 1);
      const reading = step.final || some.length === 0 ? all : some;
      const sent = run(...instructions.settle(played, step.final, reading));
      return { chain: sent, expected: model.settle(expected, now(svm), step.final, reading) };
    }
    case "agree": {
      const sent = run(instructions.agree(played, position, step.seconds));
      return { chain: sent, expected: model.agree(expected, now(svm), position, step.seconds) };
    }
    case "stop":
      return { chain: run(instructions.stop(played)), expected: model.stop(expected, now(svm)) };
    case "end lease": {
      const sent = run(instructions.endLease(played, position));
      return { chain: sent, expected: model.endLease(expected, now(svm), position) };
    }
    case "top up":
      return topUp(played, step);
    case "replace":
      return replace(played, step, position);
    case "collect": {
      const wallet = arena.suppliers[step.who]?.wallet ?? model.TREASURY;
      const sent = run(instructions.collect(played, wallet === model.TREASURY ? arena.treasury : wallet));
      return { chain: sent, expected: model.collect(expected, wallet, ELSEWHERE) };
    }
    case "close": {
      // Never in the slot of the opening.
      advance(svm, 0);
      if (step.settledFirst) {
        const all = expected.leases.map((_, at): [number, number] => [at, 100]);
        arena.run(...instructions.settle(played, true, all));
        model.settle(expected, now(svm), true, all);
      }
      return { chain: run(instructions.close(played)), expected: model.close(expected, now(svm)) };
    }
    case "donate":
      await donate(played, step.amount);
      return BOTH_ACCEPT;
    case "toggle":
      await toggle(played, step.who);
      return BOTH_ACCEPT;
  }
}

function topUp(played: Play, step: Extract<Step, { do: "top up" }>): Outcome {
  const { arena, model: expected } = played;
  const mask = step.leases % 2 ** expected.leases.length;
  const positions = expected.leases.flatMap((_, at) => ((mask >> at) % 2 === 1 ? [at] : []));
  const named = mask === 0 ? null : positions;
  const touched = expected.leases.filter(({ endedAt }, at) => named?.includes(at) ?? endedAt === null);
  const budget = (rate: bigint, seconds: number) => (rate * BigInt(seconds) + 3_599n) / 3_600n;
  const cost = touched.reduce(
    (sum, { rate, maxSeconds }) => sum + budget(rate, maxSeconds + step.seconds) - budget(rate, maxSeconds),
    0n,
  );
  const amount = cost + step.more < 0n ? 0n : cost + step.more;
  const { seconds } = step;
  const sent = arena.run(instructions.topUp(played, { amount, seconds, leases: BigInt(mask) }));
  return {
    chain: sent,
    expected: model.topUp(expected, now(arena.svm), { amount, seconds, positions: named }),
  };
}

function replace(played: Play, step: Extract<Step, { do: "replace" }>, position: number): Outcome {
  const { arena, model: expected } = played;
  const old = expected.leases[position];
  if (old === undefined) throw new RangeError("no lease");
  const most = (part: bigint) => (part === 0n ? 1n : part);
  const rate = most((old.rate * BigInt(step.rate)) / 1_000n);
  const left = BigInt(Math.max(0, old.maxSeconds - Math.max(60, (old.endedAt ?? 0) - old.startedAt)));
  const wanted = most((old.rate * left * BigInt(step.share)) / (1_000n * rate));
  const maxSeconds = Number(wanted > MAX_SECONDS ? MAX_SECONDS : wanted);
  const supplier = arena.suppliers[step.supplier];
  if (supplier === undefined) throw new RangeError("no supplier");
  const terms = { position, rate, maxSeconds };
  const sent = arena.run(instructions.replace(played, { ...terms, registration: supplier.registration }));
  return {
    chain: sent,
    expected: model.replace(expected, now(arena.svm), { ...terms, supplier: supplier.wallet }),
  };
}

async function donate({ arena, native, escrow, model: expected }: Play, amount: bigint): Promise<void> {
  if (native) {
    arena.svm.airdrop(escrow.address, lamports(amount));
  } else {
    const held = tokensAt(arena.svm, escrow.vault) ?? 0n;
    const wallet = escrow.address;
    await putTokens(arena.svm, { mint: arena.usdc, wallet, amount: held + amount, at: escrow.vault });
  }
  expected.donated += amount;
}

/** A token account is closed or made again; a wallet is emptied or filled to its minimum. */
async function toggle({ arena, native, model: expected }: Play, who: number): Promise<void> {
  const supplier = arena.suppliers[who]?.wallet;
  const isTreasury = who === arena.suppliers.length;
  const name = supplier ?? (isTreasury ? model.TREASURY : model.ENGINEER);
  const wallet = supplier ?? (isTreasury ? arena.treasury : arena.engineer);
  const purse = expected.purses.get(name);
  if (purse === undefined) throw new RangeError(`no purse of ${name}`);
  if (native) {
    purse.balance = purse.balance < MINIMUM_BALANCE ? MINIMUM_BALANCE : 0n;
    setLamports(arena, wallet, purse.balance);
    return;
  }
  purse.there = !purse.there;
  purse.balance = 0n;
  if (purse.there) await setTokens(arena, wallet, 0n);
  else remove(arena.svm, arena.tokenAccounts.get(wallet) ?? wallet);
}

const walletOf = (arena: Arena, supplier: number): Address => {
  const wallet = arena.suppliers[supplier]?.wallet;
  if (wallet === undefined) throw new RangeError(`no supplier ${supplier}`);
  return wallet;
};

async function setTokens(arena: Arena, wallet: Address, amount: bigint): Promise<void> {
  const at = arena.tokenAccounts.get(wallet);
  if (at !== undefined) await putTokens(arena.svm, { mint: arena.usdc, wallet, amount, at });
}

function setLamports({ svm }: Arena, wallet: Address, amount: bigint): void {
  svm.setAccount({
    ...{ address: wallet, data: new Uint8Array(), executable: false, space: 0n },
    ...{ lamports: lamports(amount), programAddress: "11111111111111111111111111111111" as Address },
  });
}
