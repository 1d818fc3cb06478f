import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestContext, type TestContext } from "../testing/context.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import { authenticateBearer } from "./authenticate.ts";
import { createChallenge, signIn } from "./sign-in.ts";
import { makeTestWallet, signInTestWallet, testPlace } from "./testing/wallet.ts";

let ctx: TestContext;
beforeAll(async () => {
  ctx = await openTestContext();
});
afterAll(() => ctx.close());

const refusal = (code: string) => expect.objectContaining({ code });

test("a wallet signs in with the message it was given, and gets the same account each time", async () => {
  const wallet = makeTestWallet();
  const accounts = [];
  for (let i = 0; i < 2; i++) {
    const { message } = await createChallenge(ctx, testPlace, wallet.address);
    const signedIn = await signIn(ctx, { message, signature: wallet.sign(message) });
    expect(signedIn.token).toMatch(/^ionet_[\w-]{43}$/);
    expect(await authenticateBearer(ctx, signedIn.token)).toMatchObject({ wallet: wallet.address });
    accounts.push(signedIn.account.id);
  }
  expect(accounts[0]).toBe(accounts[1]);
});

test("the message is that of the Sign-In With Solana standard", async () => {
  const wallet = makeTestWallet();
  const { message } = await createChallenge(ctx, testPlace, wallet.address);
  expect(message.split("\n")).toEqual([
    "127.0.0.1:8080 wants you to sign in with your Solana account:",
    wallet.address,
    "",
    expect.any(String),
    "",
    "URI: http://127.0.0.1:8080",
    "Version: 1",
    "Chain ID: localnet",
    expect.stringMatching(/^Nonce: [0-9a-f]{32}$/),
    "Issued At: 2026-01-01T00:00:00.000Z",
    "Expiration Time: 2026-01-01T00:05:00.000Z",
  ]);
});

test("a signed message works once", async () => {
  const wallet = makeTestWallet();
  const { message } = await createChallenge(ctx, testPlace, wallet.address);
  const signed = { message, signature: wallet.sign(message) };
  const outcomes = await Promise.allSettled([signIn(ctx, signed), signIn(ctx, signed), signIn(ctx, signed)]);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await expect(signIn(ctx, signed)).rejects.toEqual(refusal("sign-in-expired"));
});

test("another wallet's signature, a reworded message and an old one are refused", async () => {
  const wallet = makeTestWallet();
  const { message } = await createChallenge(ctx, testPlace, wallet.address);
  const invalid = refusal("sign-in-signature-invalid");
  await expect(signIn(ctx, { message, signature: makeTestWallet().sign(message) })).rejects.toEqual(invalid);
  const reworded = message.replace("localnet", "mainnet");
  await expect(signIn(ctx, { message: reworded, signature: wallet.sign(reworded) })).rejects.toEqual(invalid);
  ctx.clock.advance(300_000);
  await expect(signIn(ctx, { message, signature: wallet.sign(message) })).rejects.toEqual(
    refusal("sign-in-expired"),
  );
});

test("an address that is not 32 bytes is refused with the field named", async () => {
  const wallet = "1".repeat(44);
  await expect(createChallenge(ctx, testPlace, wallet)).rejects.toMatchObject({
    code: "invalid-request",
    input: { field: "wallet", given: wallet },
  });
});

test("a sign-in ends after a day", async () => {
  const { token } = await signInTestWallet(ctx);
  ctx.clock.advance(24 * 3_600_000 - 1);
  expect(await authenticateBearer(ctx, token)).not.toBeNull();
  ctx.clock.advance(1);
  expect(await authenticateBearer(ctx, token)).toBeNull();
});

test("an API key has the scopes it was made with, is listed without its secret, and ends when it is revoked", async () => {
  const { caller } = await signInTestWallet(ctx);
  const made = await createApiKey(ctx, caller, { name: "ci", scopes: ["rent"], expiresInDays: 1 });
  const keyCaller = await authenticateBearer(ctx, made.secret);
  expect(caller.by).toBe("sign-in");
  expect(keyCaller).toEqual({ ...caller, scopes: ["rent"], by: "api-key" });

  const { items } = await listApiKeys(ctx, caller, { limit: 50 });
  expect(items).toEqual([expect.not.objectContaining({ secret: expect.anything() })]);
  const { caller: stranger } = await signInTestWallet(ctx);
  await expect(revokeApiKey(ctx, stranger, made.id)).rejects.toEqual(refusal("not-found"));
  await revokeApiKey(ctx, caller, made.id);
  expect(await authenticateBearer(ctx, made.secret)).toBeNull();
});

test("an API key makes, lists and revokes no API keys, not even itself", async () => {
  const { caller } = await signInTestWallet(ctx);
  const wanted = { name: "ci", scopes: ["rent" as const], expiresInDays: 1 };
  const made = await createApiKey(ctx, caller, wanted);
  const keyCaller = await authenticateBearer(ctx, made.secret);
  if (keyCaller === null) throw new Error("the key is not known");
  await expect(createApiKey(ctx, keyCaller, wanted)).rejects.toEqual(refusal("forbidden"));
  await expect(listApiKeys(ctx, keyCaller, { limit: 50 })).rejects.toEqual(refusal("forbidden"));
  await expect(revokeApiKey(ctx, keyCaller, made.id)).rejects.toEqual(refusal("forbidden"));
  expect((await listApiKeys(ctx, caller, { limit: 50 })).items).toHaveLength(1);
});

test("lists go on where the page before ended", async () => {
  const { caller } = await signInTestWallet(ctx);
  for (const name of ["a", "b", "c"])
    await createApiKey(ctx, caller, { name, scopes: ["jobs"], expiresInDays: 1 });
  const first = await listApiKeys(ctx, caller, { limit: 2 });
  const second = await listApiKeys(ctx, caller, { limit: 2, cursor: first.nextCursor ?? "" });
  expect([...first.items, ...second.items].map(({ name }) => name).sort()).toEqual(["a", "b", "c"]);
  expect(second.nextCursor).toBeNull();
});
