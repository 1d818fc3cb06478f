import { z } from "zod";
import {
  accountSchema,
  apiKeyRequestSchema,
  apiKeySchema,
  challengeRequestSchema,
  challengeSchema,
  newApiKeySchema,
  signInRequestSchema,
  signInSchema,
} from "../accounts.ts";
import { idSchema } from "../ids.ts";
import { networkSchema } from "../network.ts";
import { type Endpoint, endpoint, none } from "./endpoint.ts";
import { page, pageOf } from "./page.ts";

/** Calls of the network itself and of accounts. */
export const platform = {
  getNetwork: endpoint("GET", "/v1/network", "nobody", "What to know before paying", {
    response: networkSchema,
  }),
  createChallenge: endpoint("POST", "/v1/sign-in/challenge", "nobody", "Get a Sign-In With Solana message", {
    body: challengeRequestSchema,
    response: challengeSchema,
  }),
  signIn: endpoint("POST", "/v1/sign-in", "nobody", "Sign in with the signed message", {
    body: signInRequestSchema,
    response: signInSchema,
  }),
  getAccount: endpoint("GET", "/v1/account", "rent", "Who am I", { response: accountSchema }),
  createApiKey: endpoint("POST", "/v1/api-keys", "rent", "Make an API key with scopes", {
    body: apiKeyRequestSchema,
    response: newApiKeySchema,
    status: 201,
  }),
  listApiKeys: endpoint("GET", "/v1/api-keys", "rent", "My API keys", {
    query: z.strictObject(page),
    response: pageOf(apiKeySchema),
  }),
  revokeApiKey: endpoint("DELETE", "/v1/api-keys/{apiKeyId}", "rent", "Revoke an API key at once", {
    params: z.strictObject({ apiKeyId: idSchema("apiKey") }),
    response: none,
  }),
} as const satisfies Record<string, Endpoint>;
