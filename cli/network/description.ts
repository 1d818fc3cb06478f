import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { supplierKindSchema } from "@ionet/protocol";
import { z } from "zod";
import { writePrivateFile } from "../settings.ts";

const processSchema = z.object({
  name: z.string(),
  pid: z.number().int(),
  startTime: z.string(),
  log: z.string(),
});

/** A running local network as its state folder tells of it. No secret is in it, only where the keys are. */
export const networkDescriptionSchema = z.object({
  stateFolder: z.string(),
  url: z.url(),
  rpcUrl: z.url(),
  wsUrl: z.string(),
  genesisHash: z.string(),
  usdcMint: z.string(),
  treasury: z.string(),
  confinement: z.object({ kind: z.enum(["namespace", "loopback"]), why: z.string() }),
  suppliers: z.array(
    z.object({
      name: z.string(),
      kind: supplierKindSchema,
      country: z.string(),
      wallet: z.string(),
      keypair: z.string(),
      nodes: z.array(
        z.object({
          name: z.string(),
          nodeId: z.string(),
          simulated: z.string().nullable(),
          price: z.string(),
        }),
      ),
    }),
  ),
  /** The process that holds the network: all others end with it. */
  keeper: z.object({ pid: z.number().int(), startTime: z.string() }),
  processes: z.array(processSchema),
});
export type NetworkDescription = z.infer<typeof networkDescriptionSchema>;

const fileOf = (stateFolder: string) => join(stateFolder, "network.json");

export const writeDescription = (description: NetworkDescription): Promise<void> =>
  writePrivateFile(fileOf(description.stateFolder), `${JSON.stringify(description, null, 2)}\n`);

/** The network that a state folder tells of; undefined when there is none. */
export async function readDescription(stateFolder: string): Promise<NetworkDescription | undefined> {
  const text = await readFile(fileOf(stateFolder), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  return networkDescriptionSchema.parse(JSON.parse(text));
}
