import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "./free-port.ts";

test("a free port can be listened on, and is refused while somebody does", async () => {
  const port = await freePort();
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  await expect(freePort({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  server.close();
  await once(server, "close");
  expect(await freePort({ port })).toBe(port);
});
