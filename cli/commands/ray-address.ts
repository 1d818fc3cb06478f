import type { ClusterId } from "@ionet/protocol";
import type { RayAddress } from "@ionet/sdk/node";
import type { CommandContext } from "../command-context.ts";

/** Where a cluster's jobs go, as the engineer. An API key with the scope `jobs` needs no more than the address. */
export async function rayAddressOf(context: CommandContext, cluster: ClusterId): Promise<RayAddress> {
  const { settings } = context;
  if (settings.apiKey) {
    return { jobsAddress: `${settings.url.replace(/\/+$/, "")}/clusters/${cluster}`, token: settings.apiKey };
  }
  const ionet = await context.session();
  const { jobsAddress } = await ionet.getCluster({ params: { clusterId: cluster } });
  return { jobsAddress, token: ionet.token ?? "" };
}
