/** What needs files, so Node: the entry `@ionet/chain/node`. */
export * from "./keypair-file.ts";
