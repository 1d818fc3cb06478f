import { expect, test } from "vitest";
import { openApiDocument } from "./openapi.ts";

type Part = { at: string; schema: Record<string, unknown> };

/** Every object in a part of the document, with where it stands. */
function* parts(value: unknown, at = ""): Generator<Part> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield { at, schema: { ...value } };
  for (const [name, one] of Object.entries(value)) yield* parts(one, `${at}/${name}`);
}

const all = [...parts(openApiDocument())];

test("no pattern uses classes of characters that only some languages know", () => {
  const patterns = all.flatMap(({ schema: { pattern } }) => (typeof pattern === "string" ? [pattern] : []));
  expect(patterns.length).toBeGreaterThan(100);
  expect(patterns.filter((pattern) => /\\[pPXRhK]|\(\?<[=!]?|\[\[:/.test(pattern))).toEqual([]);
});

test("every text and every list that is sent has an end", () => {
  const sent = all.filter(({ at }) => /\/(parameters|requestBody)\//.test(at));
  const isEndless = ({ schema }: Part) =>
    schema.type === "array"
      ? schema.maxItems === undefined
      : schema.type === "string" &&
        schema.maxLength === undefined &&
        schema.enum === undefined &&
        schema.const === undefined &&
        (typeof schema.pattern !== "string" ||
          /[*+]|\{\d+,\}/.test(schema.pattern.replace(/\[[^\]]*\]/g, "x")));
  expect(sent.length).toBeGreaterThan(200);
  expect(sent.filter(isEndless).map(({ at }) => at)).toEqual([]);
});

test("a country is one of those that are known, and a cursor says how long it can be", () => {
  const at = (place: string) => all.find((part) => part.at === place)?.schema;
  const country = at(
    "/paths//v1/nodes/{nodeId}/terms/patch/requestBody/content/application/json/schema/properties/country",
  );
  expect(country).toMatchObject({ enum: expect.arrayContaining(["DE", "US"]) });
  expect(country?.enum).not.toContain("ZZ");
  const cursor = all.find(({ schema }) => schema.name === "cursor");
  expect(cursor?.schema.schema).toMatchObject({ pattern: "^[A-Za-z0-9_-]{1,512}$" });
});
