import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { Duplex } from "node:stream";
import { type ClusterId, type NodeId, problem, RAY_DASHBOARD } from "@ionet/protocol";
import { streamSocket } from "./stream-socket.ts";

const WINDOW_BYTES = 4 * 1024 * 1024;
/** A head that has just joined dials within moments: a request this early waits for it. */
const ARRIVAL_MS = 5_000;
const CONNECT_MS = 10_000;

/** The open ways to the clusters' heads: one tunnel a cluster, dialled by its head's agent. */
export type Tunnels = {
  /** Takes over a socket that an agent has dialled; an older tunnel of the cluster ends. */
  add(clusterId: ClusterId, nodeId: NodeId, socket: Duplex): void;
  /**
   * A connection into the cluster whose head is this node: to RAY_DASHBOARD, or to the HTTP port of the Ray node at an
   * address. Throws `cluster-unreachable`.
   */
  connect(clusterId: ClusterId, headNodeId: NodeId, target: string): Promise<Duplex>;
  closeAll(): void;
};

type Tunnel = { nodeId: NodeId; session: ClientHttp2Session };

export function createTunnels(): Tunnels {
  const tunnels = new Map<ClusterId, Tunnel>();
  const arrivals = new Set<() => void>();

  const find = (clusterId: ClusterId, nodeId: NodeId) => {
    const tunnel = tunnels.get(clusterId);
    return tunnel?.nodeId === nodeId && !tunnel.session.closed ? tunnel : undefined;
  };
  const arrival = (clusterId: ClusterId, nodeId: NodeId) =>
    new Promise<Tunnel | undefined>((resolve) => {
      const look = () => {
        const tunnel = find(clusterId, nodeId);
        if (tunnel !== undefined) done(tunnel);
      };
      const done = (tunnel: Tunnel | undefined) => {
        clearTimeout(timer);
        arrivals.delete(look);
        resolve(tunnel);
      };
      const timer = setTimeout(() => done(undefined), ARRIVAL_MS);
      arrivals.add(look);
    });

  return {
    add: (clusterId, nodeId, socket) => {
      tunnels.get(clusterId)?.session.destroy();
      // The roles are reversed: the agent, which dialled, is the HTTP/2 server on this socket.
      const session = connect("http://tunnel", {
        createConnection: () => socket,
        settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
      });
      session.once("connect", () => session.setLocalWindowSize(WINDOW_BYTES * 4));
      session.once("error", () => session.destroy());
      session.once("close", () => {
        if (tunnels.get(clusterId)?.session === session) tunnels.delete(clusterId);
      });
      tunnels.set(clusterId, { nodeId, session });
      for (const look of [...arrivals]) look();
    },
    connect: async (clusterId, headNodeId, target) => {
      const tunnel = find(clusterId, headNodeId) ?? (await arrival(clusterId, headNodeId));
      if (tunnel === undefined) throw unreachable("its head's agent has no tunnel to this gateway");
      const stream = tunnel.session.request({ ":method": "CONNECT", ":authority": target });
      const status = await answered(stream);
      if (status !== 200) {
        stream.destroy();
        const what =
          target === RAY_DASHBOARD ? "Ray's dashboard on the head" : "the Ray node that is asked for";
        throw unreachable(`${what} does not answer (${status})`);
      }
      return streamSocket(stream);
    },
    closeAll: () => {
      for (const { session } of tunnels.values()) session.destroy();
      tunnels.clear();
    },
  };
}

/** The status of a CONNECT; a word instead of it when the tunnel broke or took too long. */
const answered = (stream: ClientHttp2Stream) =>
  new Promise<number | string>((resolve) => {
    const timer = setTimeout(() => resolve("no answer in 10 s"), CONNECT_MS);
    const settle = (status: number | string) => {
      clearTimeout(timer);
      resolve(status);
    };
    stream.once("response", (headers) => settle(headers[":status"] ?? 0));
    stream.once("error", (error) => settle(error.message));
    stream.once("close", () => settle("the tunnel was cut"));
  });

const unreachable = (why: string) =>
  problem("cluster-unreachable", {
    detail: `the cluster's head can't be reached: ${why}`,
    next: "Try again in a few seconds; `ionet clusters show` says how the head's lease is.",
  });
