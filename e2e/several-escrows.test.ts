import { openEscrows, pause, waitForCluster, waitForSettlement } from "@ionet/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngineer, openTestNetwork, type TestEngineer, type TestNetwork } from "./network.ts";

let network: TestNetwork;
let engineer: TestEngineer;
beforeAll(async () => {
  network = await openTestNetwork();
  engineer = await openEngineer(network);
});
afterAll(() => network?.close());

test("stopped between two escrows: what is funded is told, and the next try opens the missing one only", async () => {
  const { ionet: client, signer } = engineer;
  const two = { gpuModel: "a100-40gb", gpuCount: 2, minSuppliers: 2, durationSeconds: 600 };
  const quote = await client.createQuote({ body: two });
  const reservation = await client.book({ body: { quoteId: quote.id, leasesPerEscrow: 1 } });
  expect(reservation.escrows.map(({ leaseCount }) => leaseCount)).toEqual([1, 1]);
  const stopped = new AbortController();
  const half = openEscrows(client, signer, reservation, {
    quote,
    signal: stopped.signal,
    onOpened: () => stopped.abort(new Error("the engineer's machine went off")),
  });
  await expect(half).rejects.toMatchObject({
    code: "escrows-incomplete",
    input: {
      detail: expect.stringContaining("1 of 2 escrows"),
      next: expect.stringContaining("returns in full"),
    },
  });
  await pause(2_000);
  expect((await client.getReservation({ params: { reservationId: reservation.id } })).state).toBe("held");
  const opened = await openEscrows(client, signer, reservation, { quote });
  expect(opened.map(({ signature }) => signature === null)).toEqual([true, false]);

  // Both final: the cluster forms, of both escrows. It is stopped at once, and both give back what was not used.
  const { clusterId } = reservation;
  const formed = await waitForCluster(client, clusterId, { reservation, until: () => true });
  expect(formed.escrows).toEqual(reservation.escrows.map((escrow) => escrow.address));
  await client.stopCluster({ params: { clusterId } });
  const settlement = await waitForSettlement(client, clusterId);
  expect(settlement.escrows.map(({ state }) => state)).toEqual(["settled", "settled"]);
  const out =
    settlement.payouts.reduce((total, { paid, fee }) => total + paid + fee, 0n) + settlement.refunded;
  expect(out).toBe(reservation.deposit);
});
