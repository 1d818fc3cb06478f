import { send } from "@ionet/chain";
import { AccountRole, address, generateKeyPairSigner, lamports } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterAll, beforeAll, expect, test } from "vitest";
import { escrowsOf } from "../escrows/store.ts";
import { readHistory } from "./history.ts";
import { openTestRental, type TestRental } from "./test-rental.ts";

/** More than are read at once. */
const STRANGERS = 45;

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

test("transactions of strangers that merely name an escrow are read with the others and change no account", async () => {
  const { net } = rental;
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  const [record] = await escrowsOf(rental.ctx, rented.clusterId);
  if (record === undefined) throw new Error("the cluster has an escrow");
  const stranger = await generateKeyPairSigner();
  await net.chain.rpc.requestAirdrop(stranger.address, lamports(10n ** 9n)).send();
  const naming = (amount: number) => {
    const transfer = getTransferSolInstruction({ source: stranger, destination: stranger.address, amount });
    const named = { address: address(record.address), role: AccountRole.READONLY } as const;
    return { ...transfer, accounts: [...transfer.accounts, named] };
  };
  await Promise.all(
    Array.from({ length: STRANGERS }, (_, amount) =>
      send(net.chain, { payer: stranger, instructions: [naming(amount)], commitment: "confirmed" }),
    ),
  );
  await rental.end(rented);
  await rental.untilSettled(rented);
  await rental.expectPaidOnce(rented, before);
  const history = await readHistory(net.chain, record);
  expect(history.length).toBeGreaterThan(STRANGERS);
  expect(history.map(({ slot }) => slot)).toEqual(
    history.map(({ slot }) => slot).toSorted((a, b) => Number(a - b)),
  );
}, 120_000);
