import { z } from "zod";

/** What the agent asks of the dialer inside a namespace. */
export const dialRequestSchema = z.object({
  id: z.int().positive(),
  host: z.string(),
  port: z.int().min(1).max(65_535),
});

/** What the dialer answers; with it comes the socket, unless it failed. Id 0 says that it is there. */
export const dialAnswerSchema = z.object({ id: z.int().nonnegative(), failed: z.string().optional() });
