export { type NetworkDescription, networkDescriptionSchema } from "./network/description.ts";
export { requestSol, requestTokens } from "./network/faucet.ts";
export { fundEngineer, type LocalEngineer } from "./network/fund-engineer.ts";
export { openKey } from "./network/keys.ts";
export { type Member, type StopReport, startMember } from "./network/member.ts";
export { type LocalChain, startChain } from "./network/start-chain.ts";
export { type NetworkOptions, type RunningNetwork, startNetwork } from "./network/start-network.ts";
export { type LocalSupplier, localSuppliers } from "./network/suppliers.ts";
