import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  enrolmentProof,
  type Gpu,
  gpuModel,
  microUsdPerGpuHour,
  type NodeId,
  type Observation,
  plainTerms,
  type SupplierKind,
  type Terms,
} from "@ionet/protocol";
import { signInTestWallet } from "../../../platform/accounts/testing/wallet.ts";
import type { Context } from "../../../platform/context.ts";
import { enrolNode } from "../enrol-node.ts";
import { createEnrolmentToken } from "../enrolment-tokens.ts";
import { observeNode } from "../observe-node.ts";

/** A node's key pair as an agent makes it. */
export function makeNodeKey(): { privateKey: KeyObject; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  return { privateKey, publicKey: raw.toString("base64") };
}

/** What an agent sends to enrol. */
export function enrolmentRequest(token: string, key = makeNodeKey()) {
  const proof = sign(null, enrolmentProof(token, key.publicKey), key.privateKey).toString("base64");
  return { token, publicKey: key.publicKey, proof };
}

const gpus = (count: number, model: string): Gpu[] =>
  Array.from({ length: count }, (_, index) => ({
    index,
    uuid: `GPU-${index}`,
    model,
    name: model,
    vramMib: (gpuModel(model)?.vramGib ?? 40) * 1024,
    simulated: true,
  }));

/** What a ready agent sees. */
export const observationOf = (
  of: { gpus?: number; model?: string; price?: bigint; country?: string; terms?: Partial<Terms> } = {},
): Observation => ({
  protocol: 1,
  agentVersion: "test",
  hardware: {
    gpus: gpus(of.gpus ?? 1, of.model ?? "a100-40gb"),
    cpus: 8,
    memoryMib: 65_536,
    diskFreeMib: 100_000,
  },
  terms: {
    ...plainTerms({
      priceMicroUsdPerGpuHour: microUsdPerGpuHour(of.price ?? 400_000n),
      country: of.country ?? "DE",
    }),
    ...of.terms,
  },
  readiness: { environment: "ready", sandbox: "none", confinement: "loopback", address: "127.0.0.2" },
  leases: [],
  desiredVersion: null,
});

/** A new supplier with one node that is for hire. */
export async function addTestNode(
  ctx: Context,
  of: Parameters<typeof observationOf>[0] & { kind?: SupplierKind } = {},
): Promise<{ nodeId: NodeId; supplier: string }> {
  const { caller } = await signInTestWallet(ctx);
  const terms = { supplierKind: of.kind ?? "miner", uses: 1, expiresInSeconds: 3600 } as const;
  const { token } = await createEnrolmentToken(ctx, caller, terms);
  const { nodeId, supplier } = await enrolNode(ctx, enrolmentRequest(token));
  await observeNode(ctx, nodeId, observationOf(of));
  return { nodeId, supplier };
}
