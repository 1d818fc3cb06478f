import { isIPv4 } from "node:net";
import { parseArgs } from "node:util";
import { errorText } from "@ionet/machine";
import { agentProblem } from "./identity/agent-problem.ts";
import { readTerms } from "./read-terms.ts";
import type { AgentOptions } from "./run-agent.ts";

export const USAGE = `The agent of an ionet supplier's machine.

  run     --state DIR [--control-plane URL] [--price USD] [--country CC]
          [--interruptible-price USD] [--min-duration TIME] [--max-duration TIME]
          [--window 'mon-fri 20:00-06:00 Europe/Berlin']... [--currency USDC]...
          [--simulate-gpus 2xA100-40GB] [--address 127.0.0.2 | --switch-member PID:ADDRESS]
  enroll  --state DIR --control-plane URL [--token-file FILE]

  --state DIR            the node's key, its configuration and its leases
  --control-plane URL    where the node is (to be) enrolled; for run: its own unless told
  --price USD            dollars per GPU-hour, like 0.40 (or IONET_PRICE); without it the node is not for hire
                         until \`ionet agent terms set\` names one
  --country CC           where the machine is, like DE (or IONET_COUNTRY)
  --interruptible-price USD   a lower price, for leases that may be reclaimed with notice
  --min-duration TIME    the shortest lease, like 30m (60s unless told); --max-duration the longest (30d)
  --window WINDOW        when the node is for hire: days, times and a time zone; may be given again (always)
  --currency LIST        what to be paid in (USDC)
  --simulate-gpus LIST   GPUs that exist in name only, like 2xA100-40GB; everybody who sees them is told
  --address IP           this node's own loopback address, 127.0.0.2 unless told
  --switch-member P:IP   the network namespace of process P, with this address, in place of loopback
  --token-file FILE      the enrolment token; else the environment variable IONET_ENROLMENT_TOKEN

IONET_CACHE names the folder for Ray's environment, IONET_PYTHON a Python to prefer.
SIGTERM or Ctrl-C ends the leases cleanly and then the agent.`;

export type Command =
  | { name: "help" }
  | { name: "enroll"; stateFolder: string; controlPlane: string; tokenFile: string | undefined }
  | ({ name: "run" } & Pick<AgentOptions, "stateFolder" | "terms" | "network"> &
      Partial<Pick<AgentOptions, "controlPlane" | "simulateGpus">>);

const options = {
  state: { type: "string" },
  "control-plane": { type: "string" },
  price: { type: "string" },
  "interruptible-price": { type: "string" },
  country: { type: "string" },
  "min-duration": { type: "string" },
  "max-duration": { type: "string" },
  window: { type: "string", multiple: true },
  currency: { type: "string", multiple: true },
  "simulate-gpus": { type: "string" },
  address: { type: "string" },
  "switch-member": { type: "string" },
  "token-file": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Reads the command line. Throws `option-invalid`, naming the option. */
export function readArguments(given: readonly string[], env: NodeJS.ProcessEnv): Command {
  const { values, positionals } = parse(given);
  const [name, ...rest] = positionals;
  if (values.help || name === "help") return { name: "help" };
  if ((name !== "run" && name !== "enroll") || rest.length > 0) {
    throw invalid("command", positionals.join(" ") || "nothing", "run, enroll");
  }
  const stateFolder = values.state;
  if (stateFolder === undefined)
    throw invalid("--state", "nothing", "a folder for the node's key and leases");
  const controlPlane = values["control-plane"];
  if (controlPlane !== undefined && !/^https?:\/\/[^/]/.test(controlPlane)) {
    throw invalid("--control-plane", controlPlane, "an address like https://ionet.example");
  }
  if (name === "enroll") {
    if (controlPlane === undefined) throw invalid("--control-plane", "nothing", "the network's address");
    return { name, stateFolder, controlPlane, tokenFile: values["token-file"] };
  }
  return {
    name,
    stateFolder,
    terms: readTerms({
      ...values,
      price: values.price ?? env.IONET_PRICE,
      country: values.country ?? env.IONET_COUNTRY,
    }),
    network: networkOf(values["switch-member"], values.address),
    ...(controlPlane === undefined ? {} : { controlPlane }),
    ...(values["simulate-gpus"] === undefined ? {} : { simulateGpus: values["simulate-gpus"] }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw invalid("command line", errorText(error), "the options below");
  }
}

function networkOf(member: string | undefined, address = "127.0.0.2"): AgentOptions["network"] {
  if (member === undefined) {
    if (!isIPv4(address) || !/^127\./.test(address) || address === "127.0.0.1") {
      throw invalid("--address", address, "a loopback address of its own, from 127.0.0.2 on");
    }
    return { kind: "loopback", address };
  }
  const [, pid = "", own = ""] = /^(\d+):(.+)$/.exec(member) ?? [];
  if (!isIPv4(own)) throw invalid("--switch-member", member, "PID:ADDRESS, like 4711:10.77.0.10");
  return { kind: "namespace", pid: Number(pid), address: own };
}

const invalid = (field: string, given: string, allowed: string) =>
  agentProblem("option-invalid", { field, given, allowed, next: "Run it with --help to see all options." });
