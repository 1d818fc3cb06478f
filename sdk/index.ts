export { type CallInput, createIonet, type Ionet, type IonetOptions } from "./client.ts";
export { type SdkClock, systemClock } from "./clock.ts";
export {
  type AcceptedAgreement,
  type AgreedTerms,
  acceptAgreement,
  type ProposedAgreement,
  proposeAgreement,
} from "./escrow/agree.ts";
export { type ClosedEscrow, closeEscrow } from "./escrow/close-escrow.ts";
export { type Collected, type CollectOptions, collectBooked, collectByReading } from "./escrow/collect.ts";
export { type EscrowLook, lookAtEscrow } from "./escrow/look-at-escrow.ts";
export { type StoppedEscrow, stopEscrow } from "./escrow/stop-escrow.ts";
export {
  type ToppedUp,
  type TopUpOptions,
  type TopUpPart,
  type TopUpPlan,
  topUp,
  topUpEscrows,
} from "./escrow/top-up.ts";
export { type FollowOptions, followRequest } from "./follow-request.ts";
export { type OpenedEscrow, openEscrows } from "./open-escrows.ts";
export { type OpeningCost, readOpeningCost } from "./opening-cost.ts";
export type { Patience } from "./patiently.ts";
export { pause } from "./pause.ts";
export {
  type Balances,
  type Proof,
  proveSettlement,
  readBalances,
  waitForSettlement,
} from "./read-settlement.ts";
export { type RentEvent, type Rented, type RentOptions, rent, type Wanted, waitForCluster } from "./rent.ts";
export {
  type ResumeOptions,
  rentWhenFree,
  resumeRequest,
  type WaitingEvent,
  type WaitingOptions,
} from "./rent-waiting.ts";
export { type SignedIn, signIn } from "./sign-in.ts";
