import { createHash } from "node:crypto";
import { existsSync, openAsBlob, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { migrate, readMigrations } from "../migrate.ts";
import { openPostgres } from "../open.ts";

/*
 * A database that is made once, with all migrations, and copied for every test: making one takes four seconds of a core,
 * a copy less than one. Its name says what it was made of, so that an old one is never taken for a new one.
 */

/** Names what a template was made of: the migrations, and for PGlite the program that made it. */
const madeOf = (program: Uint8Array = new Uint8Array()): string =>
  createHash("sha256").update(program).update(JSON.stringify(readMigrations())).digest("hex").slice(0, 16);

/** Where PGlite's template stays from one run of the tests to the next: `npm ci` clears it away. */
const CACHE = fileURLToPath(new URL("../../../../node_modules/.cache/ionet/", import.meta.url));

/** A dump of a migrated PGlite. */
export async function pgliteTemplate(): Promise<Blob> {
  const wasm = createRequire(import.meta.url).resolve("@electric-sql/pglite/pglite.wasm");
  const file = `${CACHE}pglite-${madeOf(readFileSync(wasm))}.tar`;
  if (!existsSync(file)) await makePgliteTemplate(file);
  return openAsBlob(file);
}

/** Several may make it at once: each writes a file of its own, and whoever renames it last replaces its equal. */
async function makePgliteTemplate(file: string): Promise<void> {
  const made = await PGlite.create("memory://");
  await migrate({
    rows: async (text) => (await made.query<Record<string, unknown>>(text)).rows,
    script: async (text) => void (await made.exec(text)),
  });
  const dump = await made.dumpDataDir("none");
  await made.close();
  await mkdir(CACHE, { recursive: true });
  const part = `${file}.${process.pid}`;
  await writeFile(part, dump.stream());
  await rename(part, file);
}

/**
 * Makes a database of that name on the server of `url`, a copy of the server's template, and returns its own URL. The
 * template is made by whoever comes first; a server copies only what nobody is connected to.
 */
export async function copyPostgresTemplate(url: string, name: string): Promise<string> {
  const template = `ionet_template_${madeOf()}`;
  await onServer(url, async (client) => {
    await client.query("select pg_advisory_lock(hashtext('ionet template'))");
    const { rowCount } = await client.query("select from pg_database where datname = $1", [template]);
    if (rowCount === 0) await makePostgresTemplate(client, url, template);
    await client.query("select pg_advisory_unlock(hashtext('ionet template'))");
    await client.query(`create database ${name} template ${template}`);
  });
  return databaseUrl(url, name);
}

/** Made under another name, so that what was broken off half-way is never taken for it. */
async function makePostgresTemplate(client: pg.Client, url: string, template: string): Promise<void> {
  await client.query(`drop database if exists ${template}_part with (force)`);
  await client.query(`create database ${template}_part`);
  const { close } = await openPostgres(databaseUrl(url, `${template}_part`));
  await close();
  await client.query(`alter database ${template}_part rename to ${template}`);
}

/** Drops a copy, whoever is still connected to it. */
export const dropPostgresCopy = (url: string, name: string): Promise<void> =>
  onServer(url, async (client) => void (await client.query(`drop database ${name} with (force)`)));

function databaseUrl(url: string, name: string): string {
  const at = new URL(url);
  at.pathname = `/${name}`;
  return at.href;
}

async function onServer(url: string, ask: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await ask(client);
  } finally {
    await client.end();
  }
}
