/** `npm run bundle [-- FOLDER]`: command, agent and SDK as one package without dependencies, in dist/ if nothing else is said. */
import { bundleDist } from "./dist.ts";

const [folder = "dist"] = process.argv.slice(2);
await bundleDist(folder);
console.log(`bundled into ${folder}: node ${folder}/ionet.mjs help`);
