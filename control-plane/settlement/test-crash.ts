import type { KyselyPlugin } from "kysely";
import type { ChainContext } from "../context.ts";

/** The process is gone: nothing it would still have done happens. */
export class Crash extends Error {
  override readonly name = "Crash";
}

const WRITES = ["InsertQueryNode", "UpdateQueryNode", "DeleteQueryNode"];

/**
 * A context that dies at its n-th effect, counted from 1: a write to the database, a transaction about to be sent, a
 * transaction just sent. What was not committed by then is rolled back, as for a killed process.
 */
export function dyingAt(ctx: ChainContext, effect: number): { ctx: ChainContext; died(): boolean } {
  let count = 0;
  let dead = false;
  const tick = () => {
    count++;
    if (count >= effect) dead = true;
    if (dead) throw new Crash(`killed at effect ${count}`);
  };
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (WRITES.includes(node.kind)) tick();
      return node;
    },
    transformResult: async ({ result }) => result,
  };
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
  return {
    ctx: { ...ctx, db: ctx.db.withPlugin(plugin), chain: { ...ctx.chain, rpc } },
    died: () => dead,
  };
}
