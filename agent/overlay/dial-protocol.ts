import { z } from "zod";

/** What the agent asks of the dialer inside a namespace. */
export type DialRequest = { id: number; host: string; port: number };

/** What the dialer answers; with it comes the socket, unless it failed. */
export const dialAnswerSchema = z.object({ id: z.int().positive(), failed: z.string().optional() });
export type DialAnswer = { id: number; failed?: string };
