import type { Kysely, KyselyPlugin } from "kysely";
import type { ChainContext, Tables } from "../../../platform/context.ts";

/** The process is gone: nothing it would still have done happens. */
export class Crash extends Error {
  override readonly name = "Crash";
}

const WRITES = ["InsertQueryNode", "UpdateQueryNode", "DeleteQueryNode"];

/** Counts effects, and dies at the n-th, counted from 1; a dead process does nothing more. */
function life(effect: number): { tick(): void; died(): boolean } {
  let count = 0;
  let dead = false;
  return {
    tick() {
      count++;
      if (count >= effect) dead = true;
      if (dead) throw new Crash(`killed at effect ${count}`);
    },
    died: () => dead,
  };
}

const dyingDatabase = (db: Kysely<Tables>, tick: () => void): Kysely<Tables> => {
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (WRITES.includes(node.kind)) tick();
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return db.withPlugin(plugin);
};

/** A context that dies at its n-th write to the database. What was not committed by then is rolled back. */
export function dyingAtWrite<Some extends { db: Kysely<Tables> }>(
  ctx: Some,
  effect: number,
): { ctx: Some; died(): boolean } {
  const { tick, died } = life(effect);
  return { ctx: { ...ctx, db: dyingDatabase(ctx.db, tick) }, died };
}

/**
 * A context that dies at its n-th effect: a write to the database, a transaction about to be sent, a transaction just
 * sent.
 */
export function dyingAt(ctx: ChainContext, effect: number): { ctx: ChainContext; died(): boolean } {
  const { tick, died } = life(effect);
  const rpc = new Proxy(ctx.chain.rpc, {
    get(target, name, receiver) {
      if (name !== "sendTransaction") return Reflect.get(target, name, receiver);
      return (...call: Parameters<typeof target.sendTransaction>) => {
        const request = target.sendTransaction(...call);
        const send = async (...options: Parameters<typeof request.send>) => {
          tick();
          const answer = await request.send(...options);
          tick();
          return answer;
        };
        return { ...request, send };
      };
    },
  });
  return { ctx: { ...ctx, db: dyingDatabase(ctx.db, tick), chain: { ...ctx.chain, rpc } }, died };
}
