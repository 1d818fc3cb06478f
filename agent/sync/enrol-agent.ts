import { endpoints, enrolmentProof } from "@ionet/protocol";
import { type AgentConfig, readAgentConfig, writeAgentConfig } from "../identity/agent-config.ts";
import { agentProblem } from "../identity/agent-problem.ts";
import { openNodeKey } from "../identity/node-key.ts";
import { takeStateFolder } from "../identity/state-folder.ts";
import { postJson, Refusal } from "./control-plane-client.ts";

export type Enrolment = {
  stateFolder: string;
  /** Base URL of the control plane. */
  controlPlane: string;
  /** The supplier's enrolment token. A secret: it comes from a file or the environment, and is not kept. */
  token: string;
};

/**
 * Makes the node's key in the state folder and enrols it with the supplier's token. Done before with the same control
 * plane, it answers what is known and uses no token. Throws `agent-already-running`, `already-enrolled` (elsewhere),
 * `control-plane-refused` (the token is used up, …), or Unreachable.
 */
export async function enrolAgent(enrolment: Enrolment): Promise<AgentConfig> {
  const folder = await takeStateFolder(enrolment.stateFolder);
  try {
    const known = await readAgentConfig(folder.path);
    if (known !== undefined) return sameControlPlane(known, enrolment);
    const key = await openNodeKey(folder.path);
    const { token } = enrolment;
    const body = {
      token,
      publicKey: key.publicKey,
      proof: key.sign(enrolmentProof(token, key.publicKey)),
    };
    const answer = await postJson({
      url: enrolment.controlPlane,
      path: endpoints.enrolNode.path,
      body: JSON.stringify(body),
    }).catch((error: unknown) => {
      throw error instanceof Refusal ? refused(error, enrolment) : error;
    });
    const enrolled = endpoints.enrolNode.response.parse(answer);
    const config = { controlPlane: enrolment.controlPlane, ...enrolled };
    await writeAgentConfig(folder.path, config);
    return config;
  } finally {
    await folder.release();
  }
}

function sameControlPlane(known: AgentConfig, enrolment: Enrolment): AgentConfig {
  if (new URL(known.controlPlane).href === new URL(enrolment.controlPlane).href) return known;
  throw agentProblem("already-enrolled", {
    field: "state folder",
    given: `${enrolment.stateFolder} belongs to ${known.controlPlane}, not to ${enrolment.controlPlane}`,
    allowed: "one network for one state folder",
    next: "Use another state folder for another network.",
  });
}

const refused = (refusal: Refusal, enrolment: Enrolment) =>
  agentProblem(
    "control-plane-refused",
    {
      field: "enrolment",
      given: refusal.message,
      allowed: `a token made at ${enrolment.controlPlane} that is not used up or expired`,
      next: refusal.next,
    },
    { cause: refusal },
  );
