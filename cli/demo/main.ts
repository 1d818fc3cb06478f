/** `npm run demo`: the same as `ionet demo`. */
process.argv.splice(2, 0, "demo");
await import("../main.ts");
