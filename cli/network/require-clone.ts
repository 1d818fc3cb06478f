import { existsSync } from "node:fs";
import { CommandProblem } from "../problem-text.ts";

/** Refuses in a bundle that was taken out of the clone: a network of one's own is made of programs that lie in it. */
export function requireClone(): void {
  const programs = ["control-plane/main.ts", "local-chain/main.ts", "agent/main.ts"];
  const missing = programs.find((program) => !existsSync(new URL(`../../${program}`, import.meta.url)));
  if (missing === undefined) return;
  throw new CommandProblem("clone-needed", "a network of one's own runs from a clone of ionet", {
    field: "command",
    given: `a bundle without ${missing}`,
    allowed: "`npx ionet …` in a clone, after `npm ci`",
    next: "clone ionet and run `npm ci`, or name a network that runs with --url (IONET_URL)",
  });
}
