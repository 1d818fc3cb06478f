import { z } from "zod";
import { type Call, honest, type Reply } from "./endpoint.ts";

/** A fault of an RPC endpoint. It strikes for a while and is over, as real ones are. */
export type Fault = {
  /** Makes it anew for one step. `struck` counts how often it did harm. */
  begin(): { behave: (call: Call) => Promise<Reply>; struck(): number };
};

type Behave = (call: Call, strike: () => boolean) => Promise<Reply>;

/** Strikes as often as given at most; `strike` says whether it may once more. */
const striking = (most: number, make: () => Behave): Fault => ({
  begin() {
    let struck = 0;
    const behave = make();
    const strike = () => struck < most && ++struck > 0;
    return { behave: (call) => behave(call, strike), struck: () => struck };
  },
});

/** Answers calls of these methods, or of all, wrongly for a while. */
const answering = (most: number, reply: Reply, methods?: readonly string[]): Fault =>
  striking(most, () => async (call, strike) => {
    const meant = methods === undefined || methods.includes(call.method);
    return meant && strike() ? reply : honest(call);
  });

const SEND = ["sendTransaction"];
const HISTORY = ["getSignaturesForAddress", "getTransaction"];
const READS = ["getAccountInfo", "getMultipleAccounts"];
const slotSchema = z.looseObject({ result: z.looseObject({ context: z.object({ slot: z.number() }) }) });
const leastSlotSchema = z.looseObject({ minContextSlot: z.number() });
/** Above every block height of a test. */
const FAR_HEIGHT = 10 ** 9;

/** Says of a transaction that is handed in that its blockhash has run out, until another one is about to be built. */
function callingExpired(handIn: (call: Call, isAnother: boolean) => Promise<Reply>): Behave {
  let first: unknown = null;
  let isOver = false;
  return async (call, strike) => {
    if (call.method === "sendTransaction") {
      if (first === null && strike()) first = call.params[0];
      const isFirst = first === call.params[0];
      return isOver && isFirst ? honest(call) : handIn(call, !isFirst);
    }
    if (call.method === "getLatestBlockhash") isOver = first !== null;
    if (first === null || isOver) return honest(call);
    if (call.method === "getBlockHeight") return { result: FAR_HEIGHT };
    const unseen = { result: { context: { slot: 1 }, value: [null] } };
    return call.method === "getSignatureStatuses" ? unseen : honest(call);
  };
}

/**
 * The first transaction vanishes and is called expired though it is not; its bytes come back when another has been built
 * in its place, before or after that one.
 */
const returning = (order: "before" | "after"): Fault =>
  striking(1, () => {
    let lost: readonly unknown[] | null = null;
    return callingExpired(async (call, isAnother) => {
      if (!isAnother) {
        lost = call.params;
        return { result: "1".repeat(64) };
      }
      if (lost !== null && order === "before") await call.forward(lost);
      const reply = await honest(call);
      if (lost !== null && order === "after") await call.forward(lost);
      lost = null;
      return reply;
    });
  });

/**
 * An endpoint that is behind: what it was asked once it answers the same way for a while. As a real one, it says so when
 * it is asked for what comes after.
 */
const stale = (methods: readonly string[], most: number): Fault =>
  striking(most, () => {
    const first = new Map<string, string>();
    return async (call, strike) => {
      if (!methods.includes(call.method)) return honest(call);
      const [asked, config] = call.params;
      const key = JSON.stringify([call.method, asked, { ...Object(config), minContextSlot: 0 }]);
      const old = first.get(key);
      if (old === undefined || !strike()) {
        const body = await call.forward();
        first.set(key, old ?? body);
        return { body };
      }
      const least = leastSlotSchema.safeParse(config).data?.minContextSlot ?? 0;
      const slot = slotSchema.safeParse(JSON.parse(old)).data?.result.context.slot ?? least;
      const error = { code: -32016, message: "Minimum context slot has not been reached" };
      return slot < least ? { error } : { body: old };
    };
  });

/** Every fault that settlement is shown to get over, by what the endpoint does. */
export const faults: Readonly<Record<string, Fault>> = {
  "refuses every second call for a while: too many requests (429)": striking(12, () => {
    let calls = 0;
    return async (call, strike) => (++calls % 2 === 0 && strike() ? { status: 429 } : honest(call));
  }),
  "is out of order for a while (503)": answering(6, { status: 503 }),
  "hangs up for a while": answering(6, "hang up"),
  "never answers for a while": answering(2, "never"),
  "answers with a web page instead of JSON": answering(4, { body: "<html>busy</html>" }),
  "says that it is unhealthy": answering(4, { error: { code: -32005, message: "Node is unhealthy" } }),
  "does not answer when a transaction is handed in": answering(2, "never", SEND),
  "loses the answer after the transaction has landed": striking(1, () => async (call, strike) => {
    if (call.method !== "sendTransaction" || !strike()) return honest(call);
    await call.forward();
    return "hang up";
  }),
  "drops transactions that it said it took": answering(2, { result: "1".repeat(64) }, SEND),
  "drops a transaction; it lands late, before the one built in its place": returning("before"),
  "drops a transaction; it lands late, after the one built in its place": returning("after"),
  "calls a transaction expired that has landed": striking(1, () => callingExpired(honest)),
  "answers about accounts what was true a while ago": stale(READS, 6),
  // The two that paid, and then the list of all.
  "knows nothing of the newest transactions yet": striking(3, () => async (call, strike) => {
    if (!HISTORY.includes(call.method) || !strike()) return honest(call);
    return { result: call.method === "getTransaction" ? null : [] };
  }),
  "lists a transaction that it does not have": answering(2, { result: null }, ["getTransaction"]),
  "breaks off while the history is read": answering(3, { status: 502 }, HISTORY),
};

/** Those that only strike when an escrow is concluded: what is read then is read at no other time. */
export const concludingOnly = (name: string): boolean =>
  /newest transactions|that it does not have|history/.test(name);
