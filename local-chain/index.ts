export { createMovableClock, type MovableClock } from "./clock.ts";
export { AIRDROP_CAP_LAMPORTS, TOKENS_CAP_BASE_UNITS } from "./faucet.ts";
export { TEST_MINTS } from "./genesis.ts";
export { type Ledger, openLedger } from "./ledger/ledger.ts";
export { LedgerProblem } from "./ledger/ledger-problem.ts";
export { createLocalNetwork, type LocalNetwork, type LocalNetworkOptions } from "./network.ts";
export { PortTaken, type RpcServer, serveRpc } from "./rpc/server.ts";
export type { ProgramToDeploy } from "./upgradeable-program.ts";
