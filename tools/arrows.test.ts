import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  type Arrow,
  arrows,
  filesOf,
  folders,
  isTest,
  measuring,
  owners,
  placeOf,
  roomOf,
  rooms,
  stepOf,
  wings,
} from "./arrows.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const all = arrows(root);
const product = all.filter(({ from }) => !isTest(from));
const show = (found: Arrow[]) => found.map((arrow) => `${arrow.from} → ${arrow.to}`);
const isMeasuring = (file: string) => measuring.includes(roomOf(file) ?? "");

test("the scan sees the arrows it is there to judge", () => {
  expect(all.length).toBeGreaterThan(100);
  expect(show(all)).toContain("protocol/index.ts → protocol/money.ts");
});

test("a room imports only the rooms it may", () => {
  const broken = product.filter(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)];
    if (here === undefined || there === undefined || here === there || isMeasuring(from)) return false;
    return !(rooms[here] ?? []).includes(there);
  });
  expect(show(broken)).toEqual([]);
});

test("nobody imports a benchmark", () => {
  expect(show(all.filter(({ from, to }) => isMeasuring(to) && !isMeasuring(from)))).toEqual([]);
});

test("a benchmark imports no other benchmark's folder", () => {
  const folderOf = (path: string) => /^bench\/([a-z-]+)\//.exec(path)?.[1];
  const broken = product.filter(({ from, to }) => {
    const there = folderOf(to);
    return isMeasuring(from) && there !== undefined && from !== "bench/main.ts" && folderOf(from) !== there;
  });
  expect(show(broken)).toEqual([]);
});

test("a room is entered by its package name, never by a path into it", () => {
  const broken = product.filter(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)];
    if (here === undefined || there === undefined || here === there || isMeasuring(from)) return false;
    return !to.startsWith("@ionet/");
  });
  expect(show(broken)).toEqual([]);
});

test("a step of the control plane imports earlier steps only, and no step imports what composes them", () => {
  const broken = product.filter(({ from, to }) => {
    if (!from.startsWith("control-plane/") || !to.startsWith("control-plane/")) return false;
    const [here, there] = [placeOf(from), placeOf(to)];
    return there[0] > here[0] || (there[0] === here[0] && there[1] > here[1]);
  });
  expect(show(broken)).toEqual([]);
});

test("every folder of the control plane has its place in the flow", () => {
  const known = Object.entries(wings).flatMap(([wing, steps]) => steps.map((step) => `${wing}/${step}`));
  const found = new Set(all.map(({ from }) => stepOf(from)).filter((step) => step !== undefined));
  expect([...found].filter((step) => !known.includes(step) && !step.endsWith("/testing"))).toEqual([]);
  const wingsFound = new Set(all.map(({ from }) => /^control-plane\/([a-z-]+)\//.exec(from)?.[1]));
  wingsFound.delete(undefined);
  expect([...wingsFound].sort()).toEqual(Object.keys(wings).sort());
});

test.each(Object.entries(folders))("in %s/ a folder imports earlier folders only", (room, order) => {
  const folderOf = (path: string) => new RegExp(`^${room}/([a-z-]+)/`).exec(path)?.[1];
  const inside = product.filter(({ from, to }) => folderOf(from) !== undefined && folderOf(to) !== undefined);
  const seen = new Set(inside.flatMap(({ from, to }) => [folderOf(from) ?? "", folderOf(to) ?? ""]));
  expect([...seen].filter((folder) => !order.includes(folder))).toEqual([]);
  const broken = inside.filter(
    ({ from, to }) => order.indexOf(folderOf(to) ?? "") > order.indexOf(folderOf(from) ?? ""),
  );
  expect(show(broken)).toEqual([]);
});

test("only the local network knows LiteSVM", () => {
  const broken = product.filter(({ from, to }) => to === "litesvm" && roomOf(from) !== "local-chain");
  expect(show(broken)).toEqual([]);
});

const migrations = filesOf(root, "control-plane/platform/database/migrations/*.sql")
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join("\n");
const namesAfter = (words: RegExp) => [...migrations.matchAll(words)].map((match) => match[1] ?? "");

test("every table is owned by one step", () => {
  const dropped = namesAfter(/drop table (?:if exists )?([a-z_]+)/gi);
  const made = namesAfter(/create table (?:if not exists )?([a-z_]+)/gi);
  const renamed = namesAfter(/alter table [a-z_]+ rename to ([a-z_]+)/gi);
  const left = namesAfter(/alter table ([a-z_]+) rename to /gi);
  const living = [...made, ...renamed].filter((table) => !dropped.includes(table) && !left.includes(table));
  expect(Object.values(owners).flat().sort()).toEqual([...new Set(living)].sort());
});

test("no step names another step's tables", () => {
  const ownerOf = new Map(
    Object.entries(owners).flatMap(([step, tables]) => tables.map((table) => [table, step])),
  );
  const named =
    /(?:\b(?:from|join|into|update|truncate|table)\s+|(?:From|Into|update|Table|Join)\(\s*")([a-z_]+)\b/g;
  const typed = /\b([a-z_]+)\??:/g;
  const files = filesOf(root, "control-plane/*.ts").filter((file) => !isTest(file));
  const found = files.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const sql = [...text.matchAll(/`[^`]*`/g)].map(([part]) => part).join("\n");
    const calls = [...text.matchAll(/(?:From|Into|update|Table|Join)\(\s*"[a-z_]+/g)]
      .map(([part]) => part)
      .join("\n");
    const types = [...text.matchAll(/withTables<\{([^}]*)\}>/g)].map((match) => match[1] ?? "").join("\n");
    const tables = [...[...`${sql}\n${calls}`.matchAll(named)], ...types.matchAll(typed)].map(
      (match) => match[1] ?? "",
    );
    return tables.map((table) => ({ file, table, owner: ownerOf.get(table) }));
  });
  const known = found.filter(({ owner }) => owner !== undefined);
  expect(new Set(known.map(({ owner }) => owner)).size).toBe(Object.keys(owners).length);
  expect(known.filter(({ file, owner }) => stepOf(file) !== owner)).toEqual([]);
});
