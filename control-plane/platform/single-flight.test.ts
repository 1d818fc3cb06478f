import { expect, test } from "vitest";
import { singleFlight } from "./single-flight.ts";

/** A flush that ends when the test says so; the calls so far. */
function flushByHand() {
  const calls: PromiseWithResolvers<void>[] = [];
  const flush = singleFlight(() => {
    const call = Promise.withResolvers<void>();
    calls.push(call);
    return call.promise;
  });
  const settled = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    return calls.length;
  };
  return { flush, calls, settled };
}

test("who asks while a flush is on its way waits for the next one, together", async () => {
  const { flush, calls, settled } = flushByHand();
  const done: string[] = [];
  const ask = (name: string) => flush().then(() => done.push(name));
  ask("first");
  ask("second");
  ask("third");
  expect(await settled()).toBe(1);
  calls[0]?.resolve();
  expect(await settled()).toBe(2);
  expect(done).toEqual(["first"]);
  ask("fourth");
  calls[1]?.resolve();
  expect(await settled()).toBe(3);
  expect(done).toEqual(["first", "second", "third"]);
  calls[2]?.resolve();
  await settled();
  expect(done).toEqual(["first", "second", "third", "fourth"]);
});

test("a flush that fails is told to those who waited for it alone", async () => {
  const { flush, calls, settled } = flushByHand();
  const outcomes = Promise.allSettled([flush(), flush()]);
  calls[0]?.reject(new Error("the disk is full"));
  expect(await settled()).toBe(2);
  calls[1]?.resolve();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
});

test("who asks in the moment between two runs gets the second: never are two on their way", async () => {
  for (let gap = 0; gap < 8; gap++) {
    let [active, most] = [0, 0];
    const run = singleFlight(async () => {
      active++;
      most = Math.max(most, active);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      active--;
    });
    const first = run();
    const all = [first, run()];
    await first;
    for (let turn = 0; turn < gap; turn++) await Promise.resolve();
    all.push(run(), run());
    await Promise.all(all);
    expect([gap, most]).toEqual([gap, 1]);
  }
});
