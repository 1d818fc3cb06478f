import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import { errorText } from "@ionet/machine";
import { problem, unusableSubmissionId } from "@ionet/protocol";
import { z } from "zod";
import { whileItComes } from "./upload-limits.ts";

/** A submission is a command and its environment; files travel as packages. */
const LIMIT_BYTES = 8 * 1024 * 1024;

/** `job_id` is what older clients call it. */
const submissionSchema = z.object({ submission_id: z.unknown().optional(), job_id: z.unknown().optional() });

/**
 * A submission's body, read whole, once its name is seen to be one that a job can be followed by: Ray takes any, and the
 * job then runs and can't be reached. Throws `invalid-request`, `body-too-large`.
 */
export async function checkedSubmission(from: IncomingMessage, idleMs: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const arriving = whileItComes(idleMs);
  pipeline(from, arriving, () => {});
  for await (const chunk of arriving) {
    bytes += chunk.length;
    if (bytes > LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const { submission_id, job_id } = readSubmission(body);
  for (const id of [submission_id, job_id]) {
    const refused = id === undefined || id === null ? null : unusableSubmissionId(id);
    if (refused !== null) throw refused;
  }
  return body;
}

function readSubmission(body: Buffer): z.infer<typeof submissionSchema> {
  try {
    // As strict as Ray: what two readers might take for two things reaches it in no form.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return submissionSchema.parse(JSON.parse(text));
  } catch (error) {
    throw problem("invalid-request", {
      detail: `the submission can't be read: ${errorText(error)}`.slice(0, 300),
      field: "body",
      given: body.subarray(0, 60).toString("utf8"),
      allowed: "one JSON object in UTF-8, as Ray's Jobs API has it",
      next: 'Send what `ray job submit` sends: {"entrypoint": …, "runtime_env": …}.',
    });
  }
}

const tooLarge = () =>
  problem("body-too-large", {
    detail: "the submission is too large",
    field: "body",
    allowed: `at most ${LIMIT_BYTES} bytes`,
    next: "Send files as a working directory, which travels as a package of its own.",
  });
