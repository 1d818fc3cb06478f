import { Command } from "commander";
import { contextOf } from "../command-context.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet token`: the bearer token for the gateway, for Ray's own commands. */
export const tokenCommand = (terminal: Terminal): Command =>
  new Command("token")
    .description("Prints the bearer token of this sign-in, for Ray's own commands. It is a secret.")
    .addHelpText(
      "after",
      '\nExamples:\n  export RAY_AUTH_MODE=token RAY_AUTH_TOKEN=$(ionet token)\n  ray job submit --address http://127.0.0.1:8080/clusters/clu_… -- python -c \'print(1)\'\n  ray job submit --address … --headers "{\\"Authorization\\": \\"Bearer $(ionet token)\\"}" -- …',
    )
    .action(async (_options, command) => {
      const context = await contextOf(terminal, command);
      const { token } = await context.session();
      context.print({ token }, token ?? "");
    });
