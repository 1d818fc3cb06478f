import { z } from "zod";
import { idSchema } from "./ids.ts";
import {
  addressSchema,
  bytesSchema,
  linesSchema,
  supplierKindSchema,
  textSchema,
  timeSchema,
} from "./wire.ts";

/** Scopes of an API key. `rent` may quote, book and stop; `jobs` may only reach running clusters through the gateway. */
export const scopeSchema = z.enum(["rent", "jobs", "supply"]);
export type Scope = z.infer<typeof scopeSchema>;

export const challengeRequestSchema = z.strictObject({ wallet: addressSchema });
/** A Sign-In With Solana message to be signed as it stands. */
export const challengeSchema = z.object({ message: z.string(), expiresAt: timeSchema });

export const signInRequestSchema = z.strictObject({
  message: linesSchema(2000),
  signature: bytesSchema(64).meta({
    description: "the wallet's Ed25519 signature over the message's UTF-8 bytes, base64",
  }),
});
export const signInSchema = z.object({
  token: z.string(),
  expiresAt: timeSchema,
  account: z.lazy(() => accountSchema),
});

export const accountSchema = z.object({
  id: idSchema("account"),
  wallet: addressSchema,
  createdAt: timeSchema,
});
export type Account = z.infer<typeof accountSchema>;

export const apiKeyRequestSchema = z.strictObject({
  name: textSchema(80, 1),
  scopes: z.array(scopeSchema).min(1).max(scopeSchema.options.length),
  expiresInDays: z.number().int().min(1).max(365).default(90),
});
export const apiKeySchema = z.object({
  id: idSchema("apiKey"),
  name: z.string(),
  scopes: z.array(scopeSchema),
  expiresAt: timeSchema,
  createdAt: timeSchema,
});
export const newApiKeySchema = apiKeySchema.extend({
  secret: z.string().meta({ description: "shown once" }),
});

export const enrolmentTokenRequestSchema = z.strictObject({
  supplierKind: supplierKindSchema,
  uses: z.number().int().min(1).max(1000).default(1),
  expiresInSeconds: z
    .number()
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(86_400),
});
export const enrolmentTokenSchema = z.object({
  token: z.string(),
  uses: z.number().int(),
  expiresAt: timeSchema,
});
