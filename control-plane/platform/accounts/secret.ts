import { createHash } from "node:crypto";
import type { Random } from "../context.ts";

/** A new bearer secret: 256 random bits behind a prefix that secret scanners can look for. */
export const makeSecret = (random: Random): string =>
  `ionet_${Buffer.from(random.bytes(32)).toString("base64url")}`;

/** What is stored of a secret. It is random and long, so a plain hash can't be searched. */
export const hashSecret = (secret: string): Uint8Array => createHash("sha256").update(secret).digest();
