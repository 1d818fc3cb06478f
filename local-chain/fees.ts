import type { WireInstruction, WireMessage } from "./wire-transaction.ts";

const LAMPORTS_PER_SIGNATURE = 5_000n;
const COMPUTE_BUDGET = "ComputeBudget111111111111111111111111111111";
/** Each signature that a precompile checks costs what a transaction's signature costs; the first data byte counts them. */
const PRECOMPILES = new Set([
  "Ed25519SigVerify111111111111111111111111111",
  "KeccakSecp256k11111111111111111111111111111",
  "Secp256r1SigVerify1111111111111111111111111",
]);
/** Programs that are part of the runtime get 3,000 units each where no limit is asked for; all others 200,000 (SIMD-0170). */
const BUILTINS = new Set([
  COMPUTE_BUDGET,
  ...PRECOMPILES,
  "11111111111111111111111111111111",
  "Vote111111111111111111111111111111111111111",
  "BPFLoader1111111111111111111111111111111111",
  "BPFLoader2111111111111111111111111111111111",
  "BPFLoaderUpgradeab1e11111111111111111111111",
  "LoaderV411111111111111111111111111111111111",
]);
const MAX_UNITS = 1_400_000n;
const MICROLAMPORTS_PER_LAMPORT = 1_000_000n;

/** What a transaction costs its fee payer, in lamports: signatures, signatures checked by precompiles, priority. */
export function feeLamports(message: WireMessage): bigint {
  let signatures = BigInt(message.header.numSignerAccounts);
  for (const instruction of message.instructions) {
    if (PRECOMPILES.has(program(message, instruction))) signatures += BigInt(instruction.data[0] ?? 0);
  }
  return signatures * LAMPORTS_PER_SIGNATURE + priorityLamports(message);
}

function priorityLamports(message: WireMessage): bigint {
  if (message.version === 1) return message.v1PriorityFeeLamports;
  const { units, price } = budgetOf(message);
  return (units * price + MICROLAMPORTS_PER_LAMPORT - 1n) / MICROLAMPORTS_PER_LAMPORT;
}

/** What a transaction offers for each compute unit, in millionths of a lamport. */
export function microLamportsPerUnit(message: WireMessage): bigint {
  if (message.version !== 1) return budgetOf(message).price;
  const limit = BigInt(message.v1Config?.computeUnitLimit ?? 0);
  return limit === 0n ? 0n : (message.v1PriorityFeeLamports * MICROLAMPORTS_PER_LAMPORT) / limit;
}

/** The compute units that a transaction asks for, and its price for each. */
function budgetOf(message: WireMessage): { units: bigint; price: bigint } {
  let limit: bigint | undefined;
  let price = 0n;
  let byDefault = 0n;
  for (const instruction of message.instructions) {
    const address = program(message, instruction);
    byDefault += BUILTINS.has(address) ? 3_000n : 200_000n;
    if (address !== COMPUTE_BUDGET) continue;
    const data = Buffer.from(instruction.data);
    if (data[0] === 2 && data.length >= 5) limit = BigInt(data.readUInt32LE(1));
    if (data[0] === 3 && data.length >= 9) price = data.readBigUInt64LE(1);
  }
  const asked = limit ?? byDefault;
  return { units: asked < MAX_UNITS ? asked : MAX_UNITS, price };
}

function program(message: WireMessage, instruction: WireInstruction): string {
  return message.staticAccounts[instruction.programAddressIndex] ?? "";
}
