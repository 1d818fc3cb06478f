import { type DesiredLease, makeId } from "@ionet/protocol";
import { expect, it } from "vitest";
import { decide, type LeaseNow } from "./decide.ts";

const leaseId = makeId("lease", new Uint8Array(20));
const wanted = (more: Partial<DesiredLease> = {}): DesiredLease => ({
  leaseId,
  clusterId: makeId("cluster", new Uint8Array(20)),
  role: "worker",
  wanted: "run",
  stopReason: null,
  gpus: [0],
  headAddress: "10.77.0.10",
  peers: [],
  rayToken: "0".repeat(64),
  maxSeconds: 3600,
  statementsReceived: 0,
  ...more,
});
const running: LeaseNow = { leaseId, hasEnded: false, toldEnded: false };
const ended: LeaseNow = { leaseId, hasEnded: true, toldEnded: false };
const stop = wanted({ wanted: "stop", stopReason: "budget-spent" });

const cases: [
  what: string,
  desired: DesiredLease[],
  held: LeaseNow[],
  isClosing: boolean,
  steps: (readonly [string, string?])[],
][] = [
  ["a lease that is wanted begins", [wanted()], [], false, [["begin"]]],
  ["a lease that runs goes on", [wanted()], [running], false, [["follow"]]],
  [
    "a lease is stopped for the reason given",
    [stop],
    [running],
    false,
    [["follow"], ["end", "budget-spent"]],
  ],
  [
    "a lease to be stopped that is not here is told as ended",
    [stop],
    [],
    false,
    [["begin"], ["end", "budget-spent"]],
  ],
  ["a lease that ended is not begun again", [wanted()], [ended], false, [["follow"]]],
  ["a lease that nobody wants any more ends", [], [running], false, [["end", "agent-lost"]]],
  ["an ended lease is kept until its end was told", [], [ended], false, []],
  ["an ended and told lease is forgotten", [], [{ ...ended, toldEnded: true }], false, [["forget"]]],
  ["a closing agent takes no new lease", [wanted()], [], true, [["begin"], ["end", "supplier-withdrew"]]],
];

it.each(cases)("%s", (_what, desired, held, isClosing, steps) => {
  const found = decide(desired, held, isClosing).map((step) =>
    step.do === "end" ? [step.do, step.reason] : [step.do],
  );
  expect(found).toEqual(steps);
});
