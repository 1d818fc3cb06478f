import type { NodeView } from "@ionet/protocol";
import type { Ionet } from "@ionet/sdk";

/** All nodes of the wallet, page by page. */
export async function everyNode(ionet: Ionet): Promise<NodeView[]> {
  const nodes: NodeView[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Ionet["listNodes"]>> = await ionet.listNodes({
      query: { limit: 200, ...(cursor === null ? {} : { cursor }) },
    });
    nodes.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return nodes;
}
