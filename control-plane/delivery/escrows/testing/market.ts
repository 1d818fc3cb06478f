import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  type AccountId,
  encodeStatement,
  type IdKind,
  type LeaseId,
  leasesOfEscrow,
  MAX_LEASES_OF_ESCROW,
  makeId,
  microUsdPerGpuHour,
  type NodeId,
  type ObservedLease,
  type QuotedLease,
  ratePerHour,
  type Statement,
  sum,
} from "@ionet/protocol";
import { firstPrevious, hashStatement } from "@ionet/protocol/node";
import { getBase58Decoder } from "@solana/kit";
import { sql } from "kysely";
import type { EscrowPlan, ReservationRecord } from "../../../market/reservations/model.ts";
import { planEscrows } from "../../../market/reservations/plan-escrows.ts";
import { insertReservations, markFunded } from "../../../market/reservations/store.ts";
import type { Context, ReconcilerName } from "../../../platform/context.ts";
import { openTestDatabase } from "../../../platform/database/testing/database.ts";
import { holdGpus } from "../../../supply/inventory/testing/hold.ts";
import { observeNode } from "../../../supply/nodes/observe-node.ts";
import { insertNode } from "../../../supply/nodes/store.ts";
import { recordEscrow } from "../store.ts";

/** A machine of the test market, with the key its agent would have. */
export type TestNode = { id: NodeId; wallet: string; key: KeyObject };

/** A Solana address that nobody has the key of. */
export const walletNamed = (name: string): string =>
  getBase58Decoder().decode(createHash("sha256").update(name).digest());

/** Time that only moves when a test says so. */
export type TestClock = { now(): number; advance(ms: number): void };

/** What a lease in a test differs in from an hour of one GPU at $0.36. */
export type LeaseTerms = {
  rate?: bigint;
  maxSeconds?: number;
  latestSeconds?: number;
  interruptible?: boolean;
};

/** A market on a database of its own: an engineer, nodes, and reservations of them, made through the steps' own stores. */
export async function openTestMarket(startMs = 1_800_000_000_000) {
  const { db, close } = await openTestDatabase();
  let nowMs = startMs;
  const clock: TestClock = {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
  let seed = 0;
  const bytes = (count: number) => {
    const parts: Buffer[] = [];
    for (let have = 0; have < count; have += 32) {
      parts.push(createHash("sha256").update(`test ${seed++}`).digest());
    }
    return new Uint8Array(Buffer.concat(parts).subarray(0, count));
  };
  const logged: { level: string; context: object; message: string }[] = [];
  const write = (level: string) => (context: object, message: string) => {
    logged.push({ level, context, message });
  };
  const woken: ReconcilerName[] = [];
  const told: string[] = [];
  const ctx: Context = {
    db,
    clock,
    random: { bytes },
    log: { info: write("info"), warn: write("warn"), error: write("error") },
    wake: (name) => void woken.push(name),
    nodeChanged: (nodeId) => void told.push(nodeId),
  };
  const id = <Kind extends IdKind>(kind: Kind) => makeId(kind, bytes(20));
  const accountId: AccountId = id("account");
  await sql`insert into accounts values (${accountId}, ${"engineer"}, ${nowMs})`.execute(db);

  async function addNode(wallet: string): Promise<TestNode> {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const node: TestNode = { id: id("node"), wallet, key: privateKey };
    const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    await insertNode(
      db,
      { id: node.id, accountId, wallet, supplierKind: "miner", publicKey: new Uint8Array(raw) },
      nowMs,
    );
    await hear(node);
    return node;
  }

  /** A sync of this node's agent arrives. */
  async function hear(node: TestNode): Promise<void> {
    await observeNode(ctx, node.id, {
      protocol: 1,
      agentVersion: "test",
      hardware: { gpus: [], cpus: 8, memoryMib: 1024, diskFreeMib: 1024 },
      terms: null,
      readiness: {
        environment: "ready",
        sandbox: "none",
        confinement: "loopback",
        address: `address-of-${node.id}`,
      },
      leases: [],
      desiredVersion: null,
    });
  }

  function leaseOf(node: TestNode, terms: LeaseTerms = {}): QuotedLease {
    const rate = terms.rate ?? 360_000n;
    return {
      leaseId: id("lease"),
      nodeId: node.id,
      supplier: node.wallet,
      supplierKind: "miner",
      country: "DE",
      gpuModel: "a100-40gb",
      gpus: [0],
      simulated: true,
      priceMicroUsdPerGpuHour: microUsdPerGpuHour(rate),
      ratePerHour: ratePerHour(rate),
      maxSeconds: terms.maxSeconds ?? 3600,
      ...(terms.latestSeconds === undefined ? {} : { latestSeconds: terms.latestSeconds }),
      ...(terms.interruptible === true ? { interruptible: true } : {}),
    };
  }

  /** Books leases for the engineer, as the reservations step writes it. */
  async function reserve(
    leases: QuotedLease[],
    terms: {
      wallet: string;
      mint: string;
      /** Numbers and addresses for as many escrows as the leases need. */
      escrowAt: (position: number) => Promise<{ address: string; number: bigint }>;
      leasesPerEscrow?: number;
    },
  ): Promise<ReservationRecord> {
    const parts = planEscrows(leases, terms.leasesPerEscrow ?? MAX_LEASES_OF_ESCROW);
    const escrows: EscrowPlan[] = [];
    for (const part of parts) escrows.push({ ...part, ...(await terms.escrowAt(escrows.length)) });
    const record: ReservationRecord = {
      id: id("reservation"),
      accountId,
      wallet: terms.wallet,
      quoteId: id("quote"),
      clusterId: id("cluster"),
      state: "held",
      reason: null,
      expiresAtMs: nowMs + 90_000,
      escrows,
      mint: terms.mint,
      deposit: sum(escrows.map((escrow) => escrow.deposit)),
      feeBps: 200,
      leases,
    };
    await db.transaction().execute(async (tx) => {
      await sql`insert into quotes values
        (${record.quoteId}, ${accountId}, '{}', '[]', 200, 1, ${nowMs})`.execute(tx);
      await insertReservations(tx, [{ record, nowMs }]);
      await holdGpus(tx, record.id, leases);
    });
    return record;
  }

  /** Funded escrows as the escrows step writes them, without a chain. */
  async function fund(reservation: ReservationRecord): Promise<void> {
    await db.transaction().execute(async (tx) => {
      await markFunded(tx, reservation.id);
      for (const [position, plan] of reservation.escrows.entries()) {
        await recordEscrow(tx, {
          address: plan.address,
          position,
          reservationId: reservation.id,
          clusterId: reservation.clusterId,
          accountId,
          engineer: reservation.wallet,
          mint: reservation.mint,
          deposited: plan.deposit,
          feeBps: reservation.feeBps,
          minimumSeconds: 60,
          openedSlot: 7n,
          openedAtMs: nowMs,
          leases: leasesOfEscrow(reservation.leases, plan),
          state: "funded",
          reason: null,
          seenAtMs: nowMs,
        });
      }
    });
  }

  /** Books and funds a cluster of one lease a node; the first is its head. */
  async function fundedCluster(
    nodes: readonly TestNode[],
    { leasesPerEscrow, ...terms }: LeaseTerms & { leasesPerEscrow?: number } = {},
  ) {
    const leases = nodes.map((node) => leaseOf(node, terms));
    const reservation = await reserve(leases, {
      wallet: walletNamed("engineer"),
      mint: walletNamed("mint"),
      escrowAt: async (position) => {
        const number = BigInt(seed * 100 + position);
        return { number, address: walletNamed(`escrow ${number}`) };
      },
      ...(leasesPerEscrow === undefined ? {} : { leasesPerEscrow }),
    });
    await fund(reservation);
    return { clusterId: reservation.clusterId, leases, reservation };
  }

  const gpusHeld = async (): Promise<number> => {
    const { rows } = await sql<{ n: number }>`
      select coalesce(sum(bit_count(gpus::bit(64))), 0)::integer as n from gpu_holds where not released`.execute(
      db,
    );
    return rows[0]?.n ?? 0;
  };

  const market = { ctx, clock, close, accountId, logged, woken, told, id, bytes };
  return { ...market, addNode, hear, leaseOf, reserve, fund, fundedCluster, gpusHeld };
}

export type TestMarket = Awaited<ReturnType<typeof openTestMarket>>;

/** A lease's chain of statements, signed as the node's agent signs them. */
export function statementChain(node: TestNode, lease: Pick<QuotedLease, "leaseId" | "gpus">) {
  let sequence = 0;
  let previous = firstPrevious(lease.leaseId);
  return (atMs: number, change: Partial<Pick<Statement, "gpus" | "peersAlive">> = {}): Statement => {
    const { leaseId, gpus } = lease;
    const unsigned = { leaseId, sequence, atMs, gpus, peersAlive: null, ...change, previous };
    sequence++;
    previous = hashStatement(unsigned);
    const signature = sign(null, encodeStatement(unsigned), node.key).toString("base64");
    return { ...unsigned, signature };
  };
}

/** What an agent says about a lease in one sync. */
export const word = (
  leaseId: LeaseId,
  phase: ObservedLease["phase"],
  more: Partial<Omit<ObservedLease, "leaseId" | "phase">> = {},
): ObservedLease => ({ leaseId, phase, reason: null, detail: null, statements: [], ...more });
