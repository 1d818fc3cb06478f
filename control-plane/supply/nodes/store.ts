import {
  type AccountId,
  hardwareSchema,
  type NodeId,
  type NodeState,
  type Observation,
  readinessSchema,
  type SupplierKind,
  type Terms,
  termsSchema,
} from "@ionet/protocol";
import { type ColumnType, type Generated, type Selectable, sql } from "kysely";
import { z } from "zod";
import type { Context, Db } from "../../platform/context.ts";
import { anyOf } from "../../platform/database/any-of.ts";
import type { NodeRecord } from "./model.ts";

type NodeJson = ColumnType<unknown, string | null, string | null>;
type Nodes = {
  id: string;
  account_id: string;
  wallet: string;
  supplier_kind: SupplierKind;
  public_key: Uint8Array;
  state: NodeState;
  hardware: NodeJson;
  terms: NodeJson;
  reported_terms: NodeJson;
  readiness: NodeJson;
  agent_version: string | null;
  holds_leases: Generated<boolean>;
  enrolled_at_ms: number;
  last_seen_at_ms: number | null;
  changed: Generated<string>;
};
const tables = (db: Db) => db.withTables<{ nodes: Nodes }>();

const hardware = hardwareSchema.nullable();
const terms = termsSchema.nullable();
const readiness = readinessSchema.nullable();

function fromRow(row: Selectable<Nodes>): NodeRecord {
  return {
    id: row.id as NodeId,
    accountId: row.account_id as AccountId,
    wallet: row.wallet,
    supplierKind: row.supplier_kind,
    publicKey: new Uint8Array(row.public_key),
    state: row.state,
    hardware: z.safeDecode(hardware, row.hardware as z.input<typeof hardware>).data ?? null,
    terms: z.safeDecode(terms, row.terms as z.input<typeof terms>).data ?? null,
    readiness: z.safeDecode(readiness, row.readiness as z.input<typeof readiness>).data ?? null,
    lastSeenAtMs: row.last_seen_at_ms,
    holdsLeases: row.holds_leases,
  };
}

/** Writes a new node. False when a node with this key is enrolled already. */
export async function insertNode(
  db: Db,
  node: Pick<NodeRecord, "id" | "accountId" | "wallet" | "supplierKind" | "publicKey">,
  nowMs: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(db)
    .insertInto("nodes")
    .values({
      id: node.id,
      account_id: node.accountId,
      wallet: node.wallet,
      supplier_kind: node.supplierKind,
      public_key: node.publicKey,
      state: "enrolled",
      enrolled_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.column("public_key").doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/**
 * Writes what a node's agent sees. Its terms come into force when they are others than it said before: those that the
 * supplier set through the API since then stay, also when the agent is started again. An agent about to leave says
 * nothing of terms.
 */
export async function writeObservation(db: Db, id: NodeId, seen: Observation, nowMs: number): Promise<void> {
  const said = seen.terms === null ? null : JSON.stringify(z.encode(termsSchema, seen.terms));
  await tables(db)
    .updateTable("nodes")
    .set({
      hardware: JSON.stringify(z.encode(hardwareSchema, seen.hardware)),
      ...(seen.readiness.leaving === true
        ? {}
        : {
            terms: sql<string | null>`case when reported_terms is not distinct from ${said}::jsonb
              then terms else ${said}::jsonb end`,
            reported_terms: said,
          }),
      readiness: JSON.stringify(z.encode(readinessSchema, seen.readiness)),
      agent_version: seen.agentVersion,
      holds_leases: seen.leases.some((lease) => lease.phase !== "ended"),
      last_seen_at_ms: nowMs,
    })
    .where("id", "=", id)
    .execute();
}

/** Writes the terms at which a node is for hire from now on; null: not for hire. */
export async function writeTerms(db: Db, id: NodeId, changed: Terms | null): Promise<void> {
  const text = changed === null ? null : JSON.stringify(z.encode(termsSchema, changed));
  await tables(db).updateTable("nodes").set({ terms: text }).where("id", "=", id).execute();
}

/** Nobody else writes this node before the transaction ends. */
export async function lockNode(db: Db, id: NodeId): Promise<void> {
  await tables(db).selectFrom("nodes").select("id").where("id", "=", id).forUpdate().execute();
}

/** One node, or undefined. */
export async function findNode(ctx: Pick<Context, "db">, id: NodeId): Promise<NodeRecord | undefined> {
  return (await nodesByIds(ctx, [id]))[0];
}

/** The nodes with these ids, in no order; unknown ids are left out. */
export async function nodesByIds(ctx: Pick<Context, "db">, ids: readonly NodeId[]): Promise<NodeRecord[]> {
  if (ids.length === 0) return [];
  return (await tables(ctx.db).selectFrom("nodes").selectAll().where(anyOf("id", ids)).execute()).map(
    fromRow,
  );
}

/** Some of the nodes in these states that were heard of last before a moment (Unix ms). */
export async function silentNodes(
  ctx: Pick<Context, "db">,
  states: readonly NodeState[],
  beforeMs: number,
  limit: number,
): Promise<NodeRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("nodes")
    .selectAll()
    .where("state", "in", states)
    .where("last_seen_at_ms", "<", beforeMs)
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

/** What to look for next: nodes that changed in this transaction or later. Before the first look: EVERYTHING. */
export type Horizon = { xmin: string; timesGone: number };
export const EVERYTHING: Horizon = { xmin: "0", timesGone: 0 };

/** A node, and in which transaction it changed last: whoever saw that change has seen all. */
export type NodeChange = { node: NodeRecord; changed: string };

/**
 * The nodes that changed since, but for having been heard of; and what to ask with the next time. Some that did not change
 * may be among them, none that did is missing. A part of them by their ids, after `after`: when it is full there may be more,
 * to be asked for with the same horizon. `timesGone` differs when nodes were taken away, and all have to be read anew.
 */
export async function changedNodes(
  ctx: Pick<Context, "db">,
  since: Horizon,
  part: { after: string; limit: number },
): Promise<{ changes: NodeChange[]; next: Horizon }> {
  // One statement, so that the rows and the oldest transaction on its way are of one moment.
  const { rows } = await sql<{ xmin: string; times_gone: number } & (Selectable<Nodes> | { id: null })>`
    select at.xmin, at.times_gone, changed_nodes.*
    from (
      select pg_snapshot_xmin(pg_current_snapshot())::text as xmin, times as times_gone from nodes_gone
    ) as at left join lateral (
      select * from nodes where changed >= ${since.xmin}::xid8 and id > ${part.after} order by id limit ${part.limit}
    ) as changed_nodes on true`.execute(ctx.db);
  const [first] = rows;
  if (first === undefined) throw new Error("the table nodes_gone has lost its row");
  return {
    changes: rows.flatMap((row) => (row.id === null ? [] : [{ node: fromRow(row), changed: row.changed }])),
    next: { xmin: first.xmin, timesGone: first.times_gone },
  };
}

/** When these nodes were heard of last, Unix ms. */
export async function lastSeen(
  ctx: Pick<Context, "db">,
  ids: readonly NodeId[],
): Promise<Map<NodeId, number | null>> {
  const { rows } = await sql<{ id: NodeId; last_seen_at_ms: number | null }>`
    select id, last_seen_at_ms from nodes where id = any(${ids})`.execute(ctx.db);
  return new Map(rows.map((row) => [row.id, row.last_seen_at_ms]));
}

/** A supplier's nodes after an id, by id. */
export async function nodesOf(
  ctx: Pick<Context, "db">,
  accountId: AccountId,
  page: { after: string; limit: number },
): Promise<NodeRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("nodes")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("id", ">", page.after)
    .orderBy("id")
    .limit(page.limit)
    .execute();
  return rows.map(fromRow);
}

/** The ids of all of an account's nodes. */
export async function nodeIdsOf(ctx: Pick<Context, "db">, accountId: string): Promise<NodeId[]> {
  const rows = await tables(ctx.db)
    .selectFrom("nodes")
    .select("id")
    .where("account_id", "=", accountId)
    .execute();
  return rows.map((row) => row.id as NodeId);
}

/** from → to. False when the node was not in `from` any more. */
export async function moveNode(db: Db, id: NodeId, from: NodeState, to: NodeState): Promise<boolean> {
  const { numUpdatedRows } = await tables(db)
    .updateTable("nodes")
    .set({ state: to })
    .where("id", "=", id)
    .where("state", "=", from)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** How many nodes there are in each state. */
export async function countNodes(ctx: Pick<Context, "db">): Promise<Record<string, number>> {
  const rows = await tables(ctx.db)
    .selectFrom("nodes")
    .select(["state", (row) => row.fn.countAll<number>().as("count")])
    .groupBy("state")
    .execute();
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}
