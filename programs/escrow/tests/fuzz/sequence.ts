import fc from "fast-check";

/** How many suppliers there are to choose from; two leases may be one supplier's. */
export const SUPPLIERS = 5;

const seconds = fc.oneof(fc.nat(200), fc.nat(5_000), fc.constantFrom(0, 59, 60, 61, 2 ** 32 - 1));
const which = fc.nat(7);
const rate = fc.oneof(fc.bigInt(1n, 5_000n), fc.bigInt(1n, 10_000_000n), fc.bigInt(1n, 2n ** 50n));

const wait = fc.record({
  do: fc.constant("wait" as const),
  seconds: fc.oneof(fc.nat(120), fc.nat(4_000), fc.nat(100_000)),
});
const settle = fc.record({
  do: fc.constant("settle" as const),
  final: fc.nat(9).map((n) => n === 0),
  seconds: fc.array(seconds, { minLength: 8, maxLength: 8 }),
  /** One bit a lease; none: all. */
  leases: fc.nat(255),
});
const agree = fc.record({ do: fc.constant("agree" as const), lease: which, seconds });
const stop = fc.record({ do: fc.constant("stop" as const) });
const endLease = fc.record({ do: fc.constant("end lease" as const), lease: which });
const topUp = fc.record({
  do: fc.constant("top up" as const),
  seconds: fc.oneof(fc.nat(600), fc.nat(90_000)),
  /** One bit a lease; none: every lease that runs. */
  leases: fc.oneof(fc.constant(0), fc.nat(255)),
  /** What it brings beyond what it must. */
  more: fc.constantFrom(0n, 0n, 1n, -1n, 1_000n),
});
const replace = fc.record({
  do: fc.constant("replace" as const),
  lease: which,
  supplier: fc.nat(SUPPLIERS - 1),
  /** In thousandths of the ended lease's rate, and of what its rest would buy. */
  rate: fc.oneof(fc.constant(1_000), fc.integer({ min: 1, max: 1_010 })),
  share: fc.oneof(fc.constantFrom(1_000, 1_001), fc.integer({ min: 1, max: 1_000 })),
});
const collect = fc.record({ do: fc.constant("collect" as const), who: fc.nat(SUPPLIERS) });
/** Of an escrow that closed, another one opens at its address. */
const close = fc.record({ do: fc.constant("close" as const), settledFirst: fc.boolean() });
const donate = fc.record({ do: fc.constant("donate" as const), amount: fc.bigInt(1n, 10_000n) });
const toggle = fc.record({ do: fc.constant("toggle" as const), who: fc.nat(SUPPLIERS + 1) });

const step = fc.oneof(
  { weight: 4, arbitrary: wait },
  { weight: 6, arbitrary: settle },
  { weight: 2, arbitrary: agree },
  { weight: 1, arbitrary: stop },
  { weight: 2, arbitrary: endLease },
  { weight: 2, arbitrary: topUp },
  { weight: 3, arbitrary: replace },
  { weight: 3, arbitrary: collect },
  { weight: 1, arbitrary: close },
  { weight: 1, arbitrary: donate },
  { weight: 4, arbitrary: toggle },
);

const terms = fc.record({
  supplier: fc.nat(SUPPLIERS - 1),
  rate,
  maxSeconds: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 10_000 })),
});

/** An escrow and what happens to it. */
export const sequence = fc.record({
  native: fc.boolean(),
  spareLeases: fc.nat(3),
  /** What the engineer deposits beyond the budgets. */
  more: fc.constantFrom(0n, 0n, 1n, 12_345n),
  leases: fc.array(terms, { minLength: 1, maxLength: 4 }),
  steps: fc.array(step, { minLength: 5, maxLength: 16 }),
});

export type Sequence = typeof sequence extends fc.Arbitrary<infer T> ? T : never;
export type Step = Sequence["steps"][number];
