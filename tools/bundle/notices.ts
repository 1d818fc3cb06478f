import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Others' packages among the bundled modules, each with its licence's own words: most licences ask for that. */
export async function notices(modules: readonly string[]): Promise<string> {
  const folders = modules.map((id) => /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0]);
  const packages = [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
  const texts = await Promise.all(packages.map(noticeOf));
  return [...new Set(texts)].join(`\n${"-".repeat(80)}\n\n`);
}

async function noticeOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file)).toSorted();
  const words = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return `${name} ${version} (${license})\n\n${words.join("\n")}`;
}
