export { pause } from "@ionet/chain";
