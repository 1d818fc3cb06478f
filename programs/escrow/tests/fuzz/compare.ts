import { decodeEscrow, ESCROW_PROGRAM } from "@ionet/chain";
import type { Address } from "@solana/kit";
import { tokensAt } from "../../../testing/tokens.ts";
import { ENGINEER, paid, remainder, TREASURY } from "./model.ts";
import type { Play } from "./play.ts";

/** Every balance and every number on chain is what the model says, and the books balance; throws where not. */
export function compare({ arena, native, escrow, model }: Play): void {
  const { svm } = arena;
  const same = (what: string, chain: unknown, expected: unknown) => {
    if (chain !== expected) throw new Error(`${what}: the chain has ${chain}, the model ${expected}`);
  };
  const held = (wallet: Address) => {
    if (native) return svm.getBalance(wallet) ?? 0n;
    return tokensAt(svm, arena.tokenAccounts.get(wallet) ?? wallet) ?? 0n;
  };
  for (const [name, { balance }] of model.purses) {
    // Pays the transactions' fees besides.
    if (name === "stranger") continue;
    const special = { [TREASURY]: arena.treasury, [ENGINEER]: arena.engineer, elsewhere: arena.elsewhere }[
      name
    ];
    same(`what ${name} holds`, held(special ?? (name as Address)), balance);
  }
  const account = svm.getAccount(escrow.address);
  const closed = !account.exists || account.programAddress !== ESCROW_PROGRAM;
  same("closed", closed, model.status === "closed");
  if (closed) {
    if (!native) same("the vault", tokensAt(svm, escrow.vault), null);
    return;
  }

  const state = decodeEscrow(escrow.address, new Uint8Array(account.data));
  same("status", state.status, model.status);
  same("leases", state.leases.length, model.leases.length);
  for (const [position, expected] of model.leases.entries()) {
    const lease = state.leases[position];
    const of = (field: string) => `${field} of lease ${position}`;
    same(of("supplier"), lease?.supplier, expected.supplier);
    same(of("rate"), lease?.ratePerHour, expected.rate);
    same(of("maxSeconds"), lease?.maxSeconds, expected.maxSeconds);
    same(of("start"), lease?.startedAt, expected.startedAt);
    same(of("end"), lease?.endedAt, expected.endedAt);
    same(of("seconds"), lease?.seconds, expected.seconds);
    same(of("paid"), lease?.paid, expected.sent);
    same(of("replaced"), lease?.replaced === true, expected.replaced);
  }
  same("deposited", state.deposited, model.deposited);
  same("paid", state.paid, paid(model));
  same("fees", state.fees, model.feesSent);
  same("refunded", state.refunded, model.refunded);
  same("remainder", state.remainder, remainder(model));
  same("the books' sum", state.paid + state.fees + state.refunded + state.remainder, state.deposited);
  const rent = native ? svm.minimumBalanceForRentExemption(BigInt(account.data.length)) : 0n;
  const vault = native ? account.lamports - rent : (tokensAt(svm, escrow.vault) ?? 0n);
  same("the vault", vault, state.remainder + model.donated);
}
