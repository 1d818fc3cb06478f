import { endpoints, type Scope, scopeSchema } from "@ionet/protocol";
import { Command, InvalidArgumentError } from "commander";
import { wholeNumber } from "../arguments.ts";
import { contextOf } from "../command-context.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

/** `ionet api-keys`: keys for programs, with scopes. */
export const apiKeysCommand = (terminal: Terminal): Command =>
  new Command("api-keys")
    .addHelpText(
      "after",
      "\nExamples:\n  ionet api-keys\n  ionet api-keys create nightly --scope jobs\n  ionet api-keys revoke key_…",
    )
    .addCommand(
      new Command("list").description("Lists my API keys.").action(async (_options, command) => {
        const context = await contextOf(terminal, command);
        const { items } = await (await context.session()).listApiKeys();
        const rows = items.map((key) => [key.id, key.name, key.scopes.join(","), key.expiresAt]);
        context.print(
          items,
          rows.length === 0 ? "No API keys." : table(["key", "name", "scopes", "expires"], rows),
        );
      }),
      { isDefault: true },
    )
    .addCommand(
      new Command("create")
        .description("Makes an API key; its secret is shown once.")
        .argument("<name>", "what it is for")
        .option("--scope <scopes>", "rent, jobs, supply, with commas", scopes, ["jobs"] as Scope[])
        .option("--days <days>", "how long it is good for", wholeNumber(1, 365), 90)
        .action(async (name: string, options: { scope: Scope[]; days: number }, command) => {
          const context = await contextOf(terminal, command);
          const ionet = await context.session();
          const key = await ionet.createApiKey({
            body: { name, scopes: options.scope, expiresInDays: options.days },
          });
          context.print(
            key,
            `${key.id}, good until ${key.expiresAt}. Its secret, shown once:\n${key.secret}`,
          );
        }),
    )
    .addCommand(
      new Command("revoke")
        .description("Revokes an API key at once.")
        .argument("<key>", "its id", keyId)
        .action(async (id: ReturnType<typeof keyId>, _options, command) => {
          const context = await contextOf(terminal, command);
          await (await context.session()).revokeApiKey({ params: { apiKeyId: id } });
          context.print({ revoked: id }, `${id} is revoked.`);
        }),
    );

function scopes(text: string): Scope[] {
  return text.split(",").map((scope) => {
    const read = scopeSchema.safeParse(scope);
    if (read.success) return read.data;
    throw new InvalidArgumentError(`Given ${scope}; allowed: ${scopeSchema.options.join(", ")}.`);
  });
}

function keyId(text: string) {
  const read = endpoints.revokeApiKey.params.shape.apiKeyId.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(`Given ${text}; allowed is a key's id, like key_….`);
}
