import { addressSchema, base64Schema, problem } from "@ionet/protocol";
import { z } from "zod";

/** What the first signer hands the second. It is no secret; without the second signature it is worth nothing. */
const agreementFileSchema = z.strictObject({
  kind: z.literal("ionet-agreement-1"),
  genesisHash: z.string(),
  escrow: addressSchema,
  lease: z.number().int().min(0).max(49),
  seconds: z.number().int().min(0).max(0xffff_ffff),
  proposer: addressSchema,
  nonce: z.strictObject({ account: addressSchema, value: z.string().max(44) }),
  signature: base64Schema,
});

export type AgreementFile = z.infer<typeof agreementFileSchema>;

/** Reads such a file. Throws `invalid-request` with the field. */
export function parseAgreementFile(text: string): AgreementFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const read = agreementFileSchema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw agreementRefused(
    issue?.path.join(".") || "file",
    issue?.message ?? "no agreement",
    "a file that `ionet escrow agree --out` wrote",
  );
}

/** Why terms can't be agreed on: which field, what was given, what is allowed. */
export const agreementRefused = (field: string, given: string, allowed: string) =>
  problem("invalid-request", {
    detail: `the agreement's ${field} can't be taken; nothing was signed`,
    ...{ field, given, allowed },
    next: "correct it and propose again",
  });
