import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addressSchema, idSchema, supplierKindSchema } from "@ionet/protocol";
import { z } from "zod";
import { agentProblem } from "./agent-problem.ts";

const FILE = "agent.json";

/** What the agent knows of itself after enrolling. No secret is in it. */
export const agentConfigSchema = z.object({
  controlPlane: z.url(),
  nodeId: idSchema("node"),
  supplier: addressSchema,
  supplierKind: supplierKindSchema,
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** The configuration in a state folder; undefined before enrolment. Throws `state-folder-unusable` for an unreadable one. */
export async function readAgentConfig(stateFolder: string): Promise<AgentConfig | undefined> {
  const path = join(stateFolder, FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
  if (text === undefined) return undefined;
  try {
    return agentConfigSchema.parse(JSON.parse(text));
  } catch (error) {
    throw agentProblem(
      "state-folder-unusable",
      {
        field: path,
        given: "a file that is not the agent's configuration",
        allowed: "the file that enrolment wrote",
        next: "Restore it, or remove it and enrol again with a new token.",
      },
      { cause: error },
    );
  }
}

export async function writeAgentConfig(stateFolder: string, config: AgentConfig): Promise<void> {
  const path = join(stateFolder, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
