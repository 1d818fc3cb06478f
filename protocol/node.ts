/** What signs and hashes with Node's own cryptography, on agents and servers: the entry `@ionet/protocol/node`. */
export * from "./session.ts";
export * from "./statement-hash.ts";
