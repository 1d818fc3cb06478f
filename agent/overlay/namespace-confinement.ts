import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { machineProblem } from "../environment/machine-problem.ts";
import type { Confinement } from "./confinement.ts";
import { type DialRequest, dialAnswerSchema } from "./dial-protocol.ts";
import type { LocalSwitchMember } from "./local-switch.ts";

const DIALER = fileURLToPath(new URL("./dialer.ts", import.meta.url));

type Waiting = { host: string; resolve: (socket: Socket) => void; reject: (error: Error) => void };

/** The network namespace of a member of a local switch: Ray's ports are seen by the switch's members alone. */
export function namespaceConfinement(member: LocalSwitchMember): Confinement {
  const enter = (command: readonly string[]) => [
    ...["nsenter", "--target", `${member.pid}`, "--user", "--net", "--preserve-credentials", "--"],
    ...command,
  ];
  let dialer: Dialer | undefined;
  return {
    kind: "namespace",
    address: member.address,
    statement:
      "Ray runs in a network namespace of its own: its ports are closed to your network; nodes on this machine reach them, guarded by a token a cluster.",
    enter,
    connect: (port, address = member.address) => {
      if (!dialer?.isOpen()) dialer = startDialer(enter([process.execPath, DIALER]));
      return dialer.dial(port, address);
    },
    close: async () => {
      await dialer?.close();
      dialer = undefined;
    },
  };
}

type Dialer = {
  isOpen(): boolean;
  dial(port: number, host: string): Promise<Socket>;
  close(): Promise<void>;
};

function startDialer([program = "", ...parameters]: string[]): Dialer {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let complaint = "";
  const child: ChildProcess = spawn(program, parameters, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "json",
    env: { PATH: process.env.PATH },
  });
  let isOpen = true;
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      isOpen = false;
      const error = machineProblem("namespace-unavailable", {
        field: "network namespace",
        given: complaint.trim() || "the process that dials into it ended",
        allowed: "a local switch that is running",
        next: "Start the local switch again, then the node.",
      });
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
      resolve();
    };
    child.once("error", end);
    child.once("exit", end);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-1000);
  });
  child.on("message", (message, handle) => {
    const { id, failed } = dialAnswerSchema.parse(message);
    const request = waiting.get(id);
    waiting.delete(id);
    if (request && handle instanceof Socket) {
      // Until whoever asked listens, a peer that resets it ends this connection and not the process.
      handle.on("error", () => {});
      request.resolve(handle);
    } else if (request) {
      request.reject(
        Object.assign(new Error(`connect ${request.host}: ${failed ?? "no socket came"}`), { code: failed }),
      );
    }
    if (waiting.size === 0) child.channel?.unref();
  });
  // A dialer alone does not keep the agent running; it ends when its channel closes.
  child.unref();
  child.channel?.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return {
    isOpen: () => isOpen && child.connected,
    dial: (port, host) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { host, resolve, reject });
        child.channel?.ref();
        const request: DialRequest = { id, host, port };
        child.send(request, (error) => {
          if (!error || !waiting.delete(id)) return;
          reject(error);
        });
      }),
    close: async () => {
      if (child.connected) child.disconnect();
      if (isOpen) await gone;
    },
  };
}
