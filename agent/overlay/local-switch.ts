import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { machineProblem } from "../environment/machine-problem.ts";

/** One network namespace of a local switch: the process that holds it open, and its address there. */
export type LocalSwitchMember = { pid: number; address: string };

export type LocalSwitch = {
  members: LocalSwitchMember[];
  /** Ends the processes that hold the namespaces; the kernel takes the rest when the last process in them is gone. */
  stop(): Promise<void>;
};

/**
 * The first process's whole life: a bridge, and a namespace per member joined to it. There is no default route: with one
 * that leads nowhere Ray looks for cloud metadata for 17 s. Every process waits for the end of the agent's pipe (fd 3), so
 * nothing outlives the agent, however it ends.
 */
const HOLDER = `
set -e
ip link set lo up
ip link add br0 type bridge
ip link set br0 up
i=0
while [ "$i" -lt "$1" ]; do
  unshare --net cat <&3 >/dev/null 3<&- &
  pid=$!
  while [ "$(readlink "/proc/$pid/ns/net")" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.01; done
  ip link add "p$i" type veth peer name eth0 netns "$pid"
  ip link set "p$i" master br0 up
  address="$2.$((10 + i))"
  nsenter --target "$pid" --net -- sh -ec "ip link set lo up; ip addr add $address/24 dev eth0; ip link set eth0 up"
  echo "{\\"pid\\":$pid,\\"address\\":\\"$address\\"}"
  i=$((i + 1))
done
echo '"ready"'
exec cat <&3 >/dev/null
`;

const memberSchema = z.object({ pid: z.int().positive(), address: z.ipv4() });
const lineSchema = z.union([z.literal("ready"), memberSchema]);

export const MOST_MEMBERS = 200;

/**
 * A network of this machine alone, made without root: `nodes` namespaces at 10.77.0.10 and up. It ends with the
 * process that started it, even one that is killed. Throws `namespace-unavailable`.
 *
 * @param request.nodes 1 to 200
 * @param request.prefix the first three numbers of its addresses; several switches may use the same
 */
export function startLocalSwitch(request: { nodes: number; prefix?: string }): Promise<LocalSwitch> {
  if (!Number.isInteger(request.nodes) || request.nodes < 1 || request.nodes > MOST_MEMBERS) {
    throw new RangeError(`nodes: given ${request.nodes}, allowed 1 to ${MOST_MEMBERS}`);
  }
  const holder = ["--user", "--map-root-user", "--net", "--", "sh", "-c", HOLDER, "local-switch"];
  const child = spawn("unshare", [...holder, `${request.nodes}`, request.prefix ?? "10.77.0"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    // A group of its own: Ctrl-C reaches the agent first, which stops Ray and then this.
    detached: true,
  });
  const { stdout, stderr } = child;
  const lifeline = child.stdio[3];
  if (!stdout || !stderr || !lifeline) throw new Error("spawn() made no pipes");
  const members: LocalSwitchMember[] = [];
  let complaint = "";
  stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-1000);
  });
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = async () => {
    lifeline.destroy();
    await gone;
  };
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      reject(
        machineProblem("namespace-unavailable", {
          field: "network namespaces",
          given: reason,
          allowed: "unshare, nsenter and ip, and user namespaces for this user",
          next: "Use loopback (Ray's ports are then open on all interfaces), or let this user make user namespaces.",
        }),
      );
    child.once("error", (error) => fail(error.message));
    child.once("close", () => fail(complaint.trim() || "the holder process ended"));
    createInterface({ input: stdout }).on("line", (text) => {
      const line = lineSchema.parse(JSON.parse(text));
      if (line !== "ready") members.push(line);
      else resolve({ members, stop });
    });
  });
}
