import { join } from "node:path";
import { z } from "zod";
import { keyFile } from "./keys.ts";
import { type Member, startMember } from "./member.ts";

const readySchema = z.object({ url: z.url() });

export type ControlPlane = {
  member: Member /** Its address, once it answers. */;
  ready: Promise<{ url: string }>;
};

/** Starts a control plane on PGlite in the state folder. */
export function startControlPlane(options: {
  stateFolder: string;
  port: number;
  rpcUrl: string;
  wsUrl: string;
  /** Where the simulated price of SOL is posted. */
  solPriceAccount: string;
}): ControlPlane {
  const { stateFolder, port, rpcUrl, wsUrl, solPriceAccount } = options;
  const member = startMember({
    name: "control-plane",
    main: "control-plane/main.ts",
    env: {
      IONET_NETWORK: "local",
      HOST: "127.0.0.1",
      PORT: String(port),
      IONET_DATA: join(stateFolder, "database"),
      IONET_RPC_URL: rpcUrl,
      IONET_WS_URL: wsUrl,
      IONET_SOL_PRICE_ACCOUNT: solPriceAccount,
      IONET_METER_KEYPAIR: keyFile(stateFolder, "meter"),
      IONET_PAYER_KEYPAIR: keyFile(stateFolder, "payer"),
    },
    stateFolder,
  });
  return { member, ready: member.firstLine.then((line) => readySchema.parse(JSON.parse(line))) };
}
