import { makeId } from "@ionet/protocol";
import { expect, it } from "vitest";
import { peersAlive } from "./peers-alive.ts";

const id = (byte: number) => makeId("lease", new Uint8Array(20).fill(byte));
const [head, worker, other] = [id(0), id(1), id(2)];
const lease = {
  leaseId: head,
  headAddress: "10.77.0.10",
  peers: [
    { leaseId: worker, address: "10.77.0.11" },
    { leaseId: other, address: "10.77.0.12" },
  ],
};
const sign = (address: string, alive: boolean) => ({ address, alive, isHead: false, rayNodeId: "n" });

it("the head names itself and the leases whose Ray node lives, and nobody it does not know", () => {
  const signs = [
    sign("10.77.0.10", true),
    sign("10.77.0.11", false),
    sign("10.77.0.12", true),
    sign("10.9.9.9", true),
  ];
  expect(peersAlive(lease, signs)).toEqual([head, other]);
});

it("a Ray node that came back at the address of a dead one is alive", () => {
  expect(peersAlive(lease, [sign("10.77.0.11", false), sign("10.77.0.11", true)])).toEqual([worker]);
});
