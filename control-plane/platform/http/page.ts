/** What a list answers: at most `limit` items, and where to go on. */
export type Page<Item> = { items: Item[]; nextCursor: string | null };

/**
 * Makes a page of rows that were read with a limit of one more than asked for, in the order of `cursorOf`: the next page
 * begins after the last item's.
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(itemOf), nextCursor: more ? cursorOf(last) : null };
}
