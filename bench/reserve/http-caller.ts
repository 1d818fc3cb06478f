/** A thread that books quotes over HTTP, many at once, until its time is over; tells how many were booked. */
import { Agent, request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

export type MarketCall = { token: string; quoteId: string };
export type CallerWork = { url: string; calls: readonly MarketCall[]; callers: number; seconds: number };

const { url, calls, callers, seconds } = workerData as CallerWork;
const agent = new Agent({ keepAlive: true, maxSockets: callers });
let next = 0;
const counts = { booked: 0, refused: 0 };

function book({ token, quoteId }: MarketCall): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const call = request(`${url}/v1/reservations`, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    });
    call.on("error", reject);
    call.end(JSON.stringify({ quoteId }));
  });
}

const start = performance.now();
await Promise.all(
  Array.from({ length: callers }, async () => {
    for (let call = calls[next++]; call !== undefined; call = calls[next++]) {
      if (performance.now() - start > seconds * 1000) return;
      const status = await book(call);
      if (status === 201) counts.booked++;
      else counts.refused++;
    }
  }),
);
parentPort?.postMessage({ ...counts, seconds: (performance.now() - start) / 1000 });
agent.destroy();
