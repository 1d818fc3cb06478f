import { z } from "zod";
import { readTable } from "./read-table.ts";

const rowSchema = z.strictObject({ provider: z.string().min(1), page: z.url({ protocol: /^https$/ }) });

const pages: ReadonlyMap<string, string> = new Map(
  readTable("provider-pages.csv", rowSchema).map(({ provider, page }) => [provider, page]),
);

/** The page on which a provider of the catalogue shows its prices; null for who is nobody in particular. */
export const pageOf = (provider: string): string | null => pages.get(provider) ?? null;
