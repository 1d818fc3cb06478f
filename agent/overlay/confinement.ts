import type { Duplex } from "node:stream";

/**
 * Where a node's Ray listens. Ray binds its C++ ports to every interface whatever it is told, so what confines it is the
 * network it sees.
 */
export type Confinement = {
  kind: "namespace" | "loopback";
  /** The node's own IPv4 address on that network. */
  address: string;
  /** One plain sentence for the supplier: who can reach Ray's ports here. */
  statement: string;
  /** The same command, run inside. */
  enter(command: readonly string[]): string[];
  /**
   * A TCP connection from the host to the node's address, or to another's on its network. Rejects with the error of
   * connect(2) (`code`: ECONNREFUSED …).
   */
  connect(port: number, address?: string): Promise<Duplex>;
  /** Ends what this confinement itself started; the network is its maker's. */
  close(): Promise<void>;
};
