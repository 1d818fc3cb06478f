import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One offer as Vast.ai's search answers it, with fields that nobody here uses among them. */
export const vastOffer = (change: Record<string, unknown> = {}) => ({
  id: 1_234_567,
  machine_id: 4321,
  host_id: 99,
  gpu_name: "A100 SXM4",
  num_gpus: 4,
  gpu_ram: 40_960,
  gpu_total_ram: 163_840,
  cpu_name: "EPYC 7763",
  dph_base: 2.4,
  dph_total: 2.433_333_333,
  min_bid: 1.2,
  geolocation: "Norway, NO",
  reliability2: 0.9987,
  verification: "verified",
  rentable: true,
  rented: false,
  inet_up: 812.4,
  inet_down: 790.1,
  driver_version: "550.90.07",
  cuda_max_good: 12.4,
  ...change,
});

export type VastAnswer = { status?: number; body?: string; offers?: unknown[]; silent?: boolean };

/** A server that speaks the documented search of Vast.ai, as the test sets it; it remembers what it was asked. */
export async function startVastServer(answer: VastAnswer) {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? "/", "http://vast"));
    if (answer.silent) return;
    response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
    response.end(answer.body ?? JSON.stringify({ offers: answer.offers ?? [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, asked, answer, close };
}
