import { Transform } from "node:stream";
import { problem } from "@ionet/protocol";

/** The largest upload; Ray's dashboard refuses larger packages itself. */
export const UPLOAD_LIMIT_BYTES = 100 * 1024 * 1024;
/** Nobody sends nothing for so long and goes on; a slow upload may take as long as it does. */
export const IDLE_MS = 60_000;

/** Lets so many bytes through and fails at the next with `body-too-large`. */
export function countTo(limitBytes: number): Transform {
  let count = 0;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      count += chunk.length;
      if (count > limitBytes) done(uploadTooLarge());
      else done(null, chunk);
    },
  });
}

/** Lets bytes through and fails when none has come for so long. */
export function whileItComes(idleMs: number): Transform {
  const stall = () => passing.destroy(stalled(idleMs));
  let timer = setTimeout(stall, idleMs);
  const passing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      clearTimeout(timer);
      timer = setTimeout(stall, idleMs);
      done(null, chunk);
    },
    flush: (done) => {
      clearTimeout(timer);
      done();
    },
    destroy: (error, done) => {
      clearTimeout(timer);
      done(error);
    },
  });
  return passing;
}

export const uploadTooLarge = () =>
  problem("body-too-large", {
    detail: "the upload is larger than what Ray's dashboard takes",
    allowed: `at most ${UPLOAD_LIMIT_BYTES} bytes`,
    next: "Leave what the job does not read out of the working directory: name it in `.gitignore` or `.rayignore`.",
  });

const stalled = (idleMs: number) =>
  problem("invalid-request", {
    detail: `the upload stopped: no byte came for ${idleMs / 1000} s`,
    field: "body",
    allowed: "any speed, without such a pause",
    next: "Send it again.",
  });
