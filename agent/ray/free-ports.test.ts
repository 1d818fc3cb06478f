import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { loopbackAddress, loopbackConfinement } from "../overlay/loopback-confinement.ts";
import { requireFreePorts } from "./free-ports.ts";
import { rayPorts } from "./ray-ports.ts";

test("a port that another program holds is named before Ray is started", async () => {
  const confinement = loopbackConfinement(loopbackAddress(102));
  const taken = rayPorts("loopback", confinement.address).nodeManager;
  const server = createServer().listen(taken, "0.0.0.0");
  await once(server, "listening");
  await expect(requireFreePorts(confinement, "worker")).rejects.toMatchObject({
    code: "port-taken",
    message: expect.stringContaining(`${taken}`),
  });
  server.close();
});

test("no two addresses of one machine share a port", () => {
  const seen = new Map<number, string>();
  for (let place = 0; place < 140; place++) {
    const address = loopbackAddress(place);
    const { firstWorker, lastWorker, dashboard: _, ...own } = rayPorts("loopback", address);
    const workers = Array.from({ length: lastWorker - firstWorker + 1 }, (_, i) => firstWorker + i);
    for (const port of [...Object.values(own), ...workers]) {
      expect(seen.get(port), `${port} of ${address}`).toBeUndefined();
      expect(port).toBeLessThan(32_768);
      seen.set(port, address);
    }
  }
});
