import { createServer, type Server } from "node:http";
import { endpoints } from "@ionet/protocol";
import { generateKeyPairSigner } from "@solana/kit";
import { afterEach, expect, test } from "vitest";
import { createIonet } from "./client.ts";
import { signIn } from "./sign-in.ts";

const nowMs = Date.parse("2026-01-01T00:00:00.000Z");
let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

/** Hands a message out as the control plane at `host` words it (null: at its own address), and keeps what comes back. */
async function handingOut(wallet: string, host: string | null) {
  const signed: string[] = [];
  const network = {
    version: "1",
    chain: { genesisHash: "local", rpcUrl: "http://127.0.0.1", wsUrl: "ws://127.0.0.1" },
    escrowProgram: wallet,
    treasury: wallet,
    currencies: [],
    rayVersion: "2",
    holdSeconds: 90,
    minimumSeconds: 60,
  };
  const started = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.url === endpoints.signIn.path) signed.push(body);
    const named = host ?? request.headers.host;
    const message = [
      `${named} wants you to sign in with your Solana account:`,
      wallet,
      "",
      "Sign in to ionet. This costs nothing and moves no funds.",
      "",
      `URI: http://${named}`,
      "Version: 1",
      "Chain ID: localnet",
      "Nonce: 0123456789abcdef0123456789abcdef",
      "Issued At: 2026-01-01T00:00:00.000Z",
      "Expiration Time: 2026-01-01T00:05:00.000Z",
    ].join("\n");
    const time = "2026-01-01T00:05:00.000Z";
    const account = { id: "acc_00000000000000000000", wallet, createdAt: time };
    const answers = new Map<string, unknown>([
      [endpoints.getNetwork.path, network],
      [endpoints.createChallenge.path, { message, expiresAt: time }],
      [endpoints.signIn.path, { token: "ionet_token", expiresAt: time, account }],
    ]);
    response.end(JSON.stringify(answers.get(request.url ?? "")));
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { ionet: createIonet({ url: `http://127.0.0.1:${address.port}` }), signed };
}

test("a false control plane that passes the true one's message on gets no signature", async () => {
  const signer = await generateKeyPairSigner();
  const { ionet, signed } = await handingOut(signer.address, "ionet.example");
  await expect(signIn(ionet, signer, { clock: { now: () => nowMs } })).rejects.toMatchObject({
    code: "forbidden",
    input: { field: "domain", given: "ionet.example", allowed: new URL(ionet.url).host },
  });
  expect(signed).toEqual([]);
});

test("a control plane's own message is signed", async () => {
  const signer = await generateKeyPairSigner();
  const { ionet, signed } = await handingOut(signer.address, null);
  const signedIn = await signIn(ionet, signer, { clock: { now: () => nowMs } });
  expect(signedIn.ionet.token).toBe("ionet_token");
  expect(signed).toHaveLength(1);
});
