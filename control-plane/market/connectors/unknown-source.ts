import { problem } from "@ionet/protocol";

/** The refusal of a source that this network does not ask. `known`: the names of those that it does. */
export const unknownSource = (given: string, known: readonly string[]) =>
  problem("invalid-request", {
    detail: `this network asks no inventory called "${given}"`,
    field: "source",
    given,
    allowed: known.join(", "),
    next: "Name one of these, or leave the source out. Whoever runs the network switches on others (IONET_CONNECTORS).",
  });
