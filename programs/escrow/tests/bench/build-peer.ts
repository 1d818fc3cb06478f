/** Builds one-call-each.so, the benchmark's peer, out of the escrow program's source. Needs Rust. */
import { writeFileSync } from "node:fs";
import { buildVariant } from "../../../testing/variants.ts";
import { oneCallEach } from "./peer.ts";

const bytes = buildVariant("escrow", oneCallEach);
writeFileSync(new URL("one-call-each.so", import.meta.url), bytes);
console.log(`wrote programs/escrow/tests/bench/one-call-each.so, ${bytes.length} bytes`);
