import { expect, test } from "vitest";
import { HeldGpus } from "./held-gpus.ts";
import { AllocationWriter, WriterEnded } from "./writer.ts";

/** A writer of a node with 64 GPUs whose commits and flushes end when the test says so. */
function writerByHand() {
  const heldGpus = new HeldGpus();
  const commits: (PromiseWithResolvers<void> & { leases: string[] })[] = [];
  const flushes: PromiseWithResolvers<void>[] = [];
  const answered: string[] = [];
  const writer = new AllocationWriter(heldGpus, {
    async commit(group) {
      const leases = group.flatMap(({ holds, freed }) => [...holds, ...freed]).map(({ leaseId }) => leaseId);
      const commit = { leases, ...Promise.withResolvers<void>() };
      commits.push(commit);
      await commit.promise;
      return null;
    },
    flush() {
      const flush = Promise.withResolvers<void>();
      flushes.push(flush);
      return flush.promise;
    },
  });
  const hold = async (leaseId: string, gpus: bigint) => {
    const chosen = await writer.hold("res", (heldGpus) =>
      heldGpus.isFree(0, gpus) ? [{ leaseId, nodeNumber: 0, gpus }] : null,
    );
    answered.push(chosen === null ? `not ${leaseId}` : leaseId);
  };
  const free = async (leaseId: string) => {
    await writer.free([leaseId]);
    answered.push(`free ${leaseId}`);
  };
  const turns = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { writer, commits, flushes, answered, hold, free, turns };
}

test("a group is answered after a flush that began after its commit, and the next one is written meanwhile", async () => {
  const { commits, flushes, answered, hold, turns } = writerByHand();
  hold("one", 1n);
  await turns();
  hold("two", 2n);
  await turns();
  expect(commits.map(({ leases }) => leases)).toEqual([["one"]]);
  commits[0]?.resolve();
  await turns();
  expect(commits.map(({ leases }) => leases)).toEqual([["one"], ["two"]]);
  expect([flushes.length, answered]).toEqual([1, []]);
  // The first flush may have begun before the second group was committed: it does not count for it.
  commits[1]?.resolve();
  await turns();
  flushes[0]?.resolve();
  await turns();
  expect([flushes.length, answered]).toEqual([2, ["one"]]);
  flushes[1]?.resolve();
  await turns();
  expect(answered).toEqual(["one", "two"]);
});

test("GPUs are free for others once the group that frees them is committed, and those wait for their own flush", async () => {
  const { commits, flushes, answered, hold, free, turns } = writerByHand();
  hold("one", 1n);
  await turns();
  commits[0]?.resolve();
  await turns();
  flushes[0]?.resolve();
  await turns();
  free("one");
  await turns();
  await hold("early", 1n);
  commits[1]?.resolve();
  await turns();
  hold("two", 1n);
  await turns();
  commits[2]?.resolve();
  await turns();
  expect(answered).toEqual(["one", "not early"]);
  flushes[1]?.resolve();
  await turns();
  flushes[2]?.resolve();
  await turns();
  expect(answered).toEqual(["one", "not early", "free one", "two"]);
});

test("after a flush that failed nobody who was on the way is answered, and the writer is not asked again", async () => {
  const { writer, commits, flushes, answered, hold, turns } = writerByHand();
  const outcomes = Promise.allSettled([hold("one", 1n), turns().then(() => hold("two", 2n))]);
  await turns();
  commits[0]?.resolve();
  await turns();
  flushes[0]?.reject(new Error("the server is gone"));
  await turns();
  commits[1]?.reject(new Error("the server is gone"));
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: expect.any(WriterEnded) });
  expect([answered, writer.alive]).toEqual([[], false]);
  await expect(hold("three", 4n)).rejects.toBeInstanceOf(WriterEnded);
});
