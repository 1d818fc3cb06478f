import fastify, { type FastifyBaseLogger } from "fastify";

/** What never stands in a log, wherever an object carries it. */
const SECRETS = ["authorization", "token", "secret", "rayToken", "signature", "proof", "enrolmentToken"];

/**
 * Structured logs: one JSON object a line on stderr, since stdout carries the ready line alone. Known names of secrets
 * are blacked out on the first three levels. (pino comes with fastify, which makes it.)
 */
export function createLog(level: string, stream: { write(text: string): void }): FastifyBaseLogger {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return fastify({ logger: { level, stream, redact: { paths, censor: "(secret)" } } }).log;
}
