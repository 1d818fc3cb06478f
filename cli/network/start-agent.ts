import { join } from "node:path";
import type { LocalSwitchMember } from "@ionet/agent";
import { type Member, startMember } from "./member.ts";
import type { LocalNode, LocalSupplier } from "./suppliers.ts";

export type AgentPlace = { switchMember: LocalSwitchMember } | { address: string };

export type AgentSpec = {
  stateFolder: string;
  url: string;
  supplier: LocalSupplier;
  node: LocalNode;
  place: AgentPlace;
};

export const agentFolder = (stateFolder: string, node: string): string => join(stateFolder, "agents", node);

/** Starts the agent of an enrolled node. */
export function startAgent({ stateFolder, url, supplier, node, place }: AgentSpec): Member {
  const confinement =
    "address" in place
      ? ["--address", place.address]
      : ["--switch-member", `${place.switchMember.pid}:${place.switchMember.address}`];
  return startMember({
    name: node.name,
    main: "agent/main.ts",
    args: [
      "run",
      ...["--state", agentFolder(stateFolder, node.name)],
      ...["--control-plane", url],
      ...["--price", node.price, "--country", supplier.country],
      ...(node.simulated === null ? [] : ["--simulate-gpus", node.simulated]),
      ...confinement,
    ],
    stateFolder,
  });
}
