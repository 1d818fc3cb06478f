import { makeId } from "@ionet/protocol";
import { expect, it } from "vitest";
import { peersAlive } from "./peers-alive.ts";

const id = (byte: number) => makeId("lease", new Uint8Array(20).fill(byte));
const [head, worker, other] = [id(0), id(1), id(2)];
const lease = {
  leaseId: head,
  peers: [
    { leaseId: worker, address: "10.77.0.11" },
    { leaseId: other, address: "10.77.0.12" },
  ],
};
const sign = (leaseId: string | null, alive: boolean, address = "10.77.0.10") => ({
  address,
  alive,
  isHead: false,
  rayNodeId: "n",
  leaseId,
});

it("the head names itself and the leases whose Ray node lives, and nobody it does not know", () => {
  const signs = [
    sign(head, true),
    sign(worker, false),
    sign(other, true),
    sign(id(9), true),
    sign(null, true),
  ];
  expect(peersAlive(lease, signs)).toEqual([head, other]);
});

it("a Ray node that came back in the place of a dead one is alive", () => {
  expect(peersAlive(lease, [sign(worker, false), sign(worker, true)])).toEqual([worker]);
});

it("a lease that only claims the address of a living Ray node is not alive", () => {
  const claims = { ...lease, peers: [{ leaseId: worker, address: "10.77.0.10" }] };
  expect(peersAlive(claims, [sign(head, true, "10.77.0.10")])).toEqual([head]);
});
