import { setTimeout as sleep } from "node:timers/promises";
import {
  type Chain,
  ESCROW_PROGRAM,
  openEscrowInstruction,
  paymentAccountOf,
  readEscrow,
  send,
} from "@ionet/chain";
import { AccountRole, address, generateKeyPairSigner, type Instruction, lamports } from "@solana/kit";
import { getCreateAccountInstruction, getTransferSolInstruction } from "@solana-program/system";
import {
  getInitializeAccount3Instruction,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PAGE } from "../history/find-account.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { FEE, GROSS, openTestRental, type Rented, type TestRental } from "../testing/rental.ts";

/** More than two pages of a history. */
const STRANGERS = 2 * PAGE + 30;
const AT_ONCE = 40;
const TOKEN_ACCOUNT_BYTES = 165n;

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

/** Somebody sends transactions that merely name a cluster's escrow. */
async function nameEscrow(rented: Rented): Promise<void> {
  const { net } = rental;
  const { address: place } = await rental.escrowOf(rented);
  const stranger = await generateKeyPairSigner();
  await net.chain.rpc.requestAirdrop(stranger.address, lamports(10n ** 9n)).send();
  const naming = (amount: number) => {
    const transfer = getTransferSolInstruction({ source: stranger, destination: stranger.address, amount });
    const named = { address: address(place), role: AccountRole.READONLY } as const;
    return { ...transfer, accounts: [...transfer.accounts, named] };
  };
  for (let sent = 0; sent < STRANGERS; sent += AT_ONCE) {
    const count = Math.min(AT_ONCE, STRANGERS - sent);
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        send(net.chain, { payer: stranger, instructions: [naming(sent + index)], commitment: "confirmed" }),
      ),
    );
  }
}

/** The same chain; counts what is read of its history. */
function counting(chain: Chain): { chain: Chain; read: { pages: number; transactions: number } } {
  const read = { pages: 0, transactions: 0 };
  const rpc = new Proxy(chain.rpc, {
    get(target, name, receiver) {
      if (name === "getSignaturesForAddress") read.pages++;
      if (name === "getTransaction") read.transactions++;
      return Reflect.get(target, name, receiver);
    },
  });
  return { chain: { ...chain, rpc }, read };
}

test("transactions of strangers that merely name an escrow are not read: the network's own account for it", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  await nameEscrow(rented);
  await rental.end(rented);
  const { chain, read } = counting(rental.net.chain);
  await rental.untilSettled(rented, { ...rental.ctx, chain });
  await rental.expectPaidOnce(rented, before);
  expect(read).toEqual({ pages: 0, transactions: 1 });
}, 120_000);

test("where a gift hides what was paid, a history of hundreds is read a page a round, whoever reads it", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  const { address: place } = await rental.escrowOf(rented);
  await rental.net.call("ionet_requestTokens", [place, rental.net.usdc, "777"]);
  await nameEscrow(rented);
  await rental.end(rented);
  const rounds: { pages: number; transactions: number }[] = [];
  for (let round = 0; round < 100 && (await rental.settlement(rented)).state !== "settled"; round++) {
    // Another process in every round: what was read stands in the database.
    const { chain, read } = counting(rental.net.chain);
    rental.market.clock.advance(1000);
    await reconcileSettlement({ ...rental.ctx, chain });
    rounds.push(read);
    await sleep(200);
  }
  await rental.expectPaidOnce({ ...rented, rent: 777n }, before);
  expect(rounds.filter(({ pages }) => pages > 0)).toHaveLength(3);
  for (const { transactions } of rounds) expect(transactions).toBeLessThanOrEqual(PAGE + 2);
}, 120_000);

test("a token account that a stranger makes in the escrow's name, and pays into, changes no account", async () => {
  const { net } = rental;
  const rented = await rental.rentOne();
  const escrow = address((await rental.escrowOf(rented)).address);
  const account = await generateKeyPairSigner();
  const rent = await net.chain.rpc.getMinimumBalanceForRentExemption(TOKEN_ACCOUNT_BYTES).send();
  const made = { payer: net.engineer, newAccount: account, programAddress: TOKEN_PROGRAM_ADDRESS };
  const paid = getTransferCheckedInstruction({
    ...{ mint: net.usdc, destination: account.address, authority: net.engineer, amount: 1n, decimals: 6 },
    source: await paymentAccountOf(net.engineer.address, net.usdc),
  });
  const named = [escrow, ESCROW_PROGRAM].map((at) => ({ address: at, role: AccountRole.READONLY }) as const);
  const instructions: Instruction[] = [
    getCreateAccountInstruction({ ...made, lamports: rent, space: TOKEN_ACCOUNT_BYTES }),
    getInitializeAccount3Instruction({ account: account.address, mint: net.usdc, owner: escrow }),
    { ...paid, accounts: [...paid.accounts, ...named] },
  ];
  await send(net.chain, { payer: net.engineer, instructions, commitment: "finalized" });
  // A gift besides, so that all of the history is read.
  await net.call("ionet_requestTokens", [escrow, net.usdc, "777"]);
  const before = await rental.balances(rented);
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce({ ...rented, rent: 777n }, before);
});

test("an escrow opened anew in the place of one that was just closed changes nothing of its account", async () => {
  const { net } = rental;
  const rented = await rental.rentOne();
  const { openedSlot } = await rental.escrowOf(rented);
  const [plan] = rented.reservation.escrows;
  if (plan === undefined) throw new Error("the cluster has an escrow");
  const at = address(plan.address);
  await net.call("ionet_requestTokens", [at, net.usdc, "777"]);
  await rental.end(rented);
  // Closed, and not yet written down: from here on the engineer is quicker than the settlement.
  await rental.reconcileUntil(async () => (await readEscrow(net.chain, at, "confirmed")) === null);
  expect((await rental.settlement(rented)).state).toBe("settling");
  const leases = rented.leases.map(({ supplier, ratePerHour, maxSeconds }) => ({
    ...{ supplier: address(supplier), ratePerHour, maxSeconds },
  }));
  const again = { engineer: net.engineer, id: plan.number, mint: net.usdc, deposit: plan.deposit, leases };
  const instructions = [await openEscrowInstruction(again)];
  await send(net.chain, { payer: net.engineer, instructions, commitment: "finalized" });
  expect((await readEscrow(net.chain, at, "finalized"))?.openedSlot).toBeGreaterThan(openedSlot);
  await rental.untilSettled(rented);
  expect(await rental.settlement(rented)).toMatchObject({
    ...{ deposited: rented.deposit, fee: FEE, refunded: rented.deposit - GROSS },
  });
});
