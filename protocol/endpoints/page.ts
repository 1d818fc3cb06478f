import { z } from "zod";
import { wholeParameter } from "../parameters.ts";

/**
 * The longest cursor, in characters. That of a search is the longest that is given out: it holds an order, a place, two
 * numbers, and of an offer its node and its model's name of 60 characters, which may have four bytes each, in base64.
 */
export const LONGEST_CURSOR = 512;

/** The parameters of a call that answers a list in pages. */
export const page = {
  cursor: z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{1,${LONGEST_CURSOR}}$`), "expected a nextCursor of an earlier answer")
    .meta({ description: "the nextCursor of the page before" })
    .optional(),
  limit: wholeParameter(1, 200).default(50),
};
/** One page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
