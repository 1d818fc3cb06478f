/** `npm run bench -- settle [--json]`: what a settlement costs, beside one token-program call a supplier. */
import { benchSettle } from "./settle-cost.ts";

const { result, text } = await benchSettle();
console.log(process.argv.includes("--json") ? JSON.stringify(result) : text);
