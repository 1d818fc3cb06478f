import { enrolAgent } from "@ionet/agent";
import type { NodeId } from "@ionet/protocol";
import { type Ionet, signIn } from "@ionet/sdk";
import { requestSol } from "./faucet.ts";
import { keyFile, openKey } from "./keys.ts";
import { agentFolder } from "./start-agent.ts";
import type { LocalNode, LocalSupplier } from "./suppliers.ts";

export type EnrolledSupplier = {
  supplier: LocalSupplier;
  wallet: string;
  /** The wallet's keypair file. */
  keypair: string;
  nodes: { node: LocalNode; nodeId: NodeId }[];
};

type Enrolling = {
  stateFolder: string;
  ionet: Ionet;
  rpcUrl: string;
  suppliers: readonly LocalSupplier[];
};

/** Every supplier signs in with its own wallet, makes an enrolment token, and its nodes enrol with their own keys. */
export async function enrolSuppliers(enrolling: Enrolling): Promise<EnrolledSupplier[]> {
  return Promise.all(enrolling.suppliers.map((supplier) => enrolSupplier(supplier, enrolling)));
}

async function enrolSupplier(
  supplier: LocalSupplier,
  { stateFolder, ionet, rpcUrl }: Enrolling,
): Promise<EnrolledSupplier> {
  const wallet = await openKey(stateFolder, supplier.name);
  await requestSol(rpcUrl, wallet.address, 1);
  const signedIn = await signIn(ionet, wallet);
  const { token } = await signedIn.ionet.createEnrolmentToken({
    body: { supplierKind: supplier.kind, uses: supplier.nodes.length, expiresInSeconds: 600 },
  });
  const nodes = [];
  for (const node of supplier.nodes) {
    const folder = agentFolder(stateFolder, node.name);
    const { nodeId } = await enrolAgent({ stateFolder: folder, controlPlane: ionet.url, token });
    nodes.push({ node, nodeId });
  }
  return { supplier, wallet: wallet.address, keypair: keyFile(stateFolder, supplier.name), nodes };
}
