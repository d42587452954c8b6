import { dirname, join } from "node:path";
import type { CaseFile } from "../../core/case/case.ts";
import { parseCases } from "../../core/case/parse-cases.ts";
import type { Repository } from "../../core/case/world.ts";
import { completeConfig } from "../../core/config/complete.ts";
import { parseConfig } from "../../core/config/parse.ts";
import { type Host, UsageError } from "../host.ts";
import { filesOf, findCheckout } from "./checkout.ts";
import { findIndex, type IndexFound, NO_INDEX } from "./find-index.ts";
import { readText, readTree } from "./lists.ts";
import { CONFIG_BYTES_MAX, ownConfigAbove } from "./own-config.ts";
import { aboutFile, type Shown } from "./shown.ts";

export interface CaseOptions {
  readonly config?: string;
  readonly tree?: string;
  readonly repo: string;
}

/** A configuration, the files it is about, and the cases beside it. */
export interface Found {
  readonly configPath: string;
  readonly configText: string;
  readonly files: readonly FoundFile[];
  readonly diagnostics: readonly Shown[];
  readonly texts: ReadonlyMap<string, string>;
}

export interface FoundFile {
  readonly path: string;
  readonly file: CaseFile;
  readonly repository: Repository;
}

/** Where cases lie beside a configuration. */
const FOLDER = "tests";
const CASES = /(?<!\.snap)\.ya?ml$/;

/** Reads the named files of cases, or all that lie in `tests` beside the configuration. */
export async function findCases(
  host: Host,
  named: readonly string[],
  options: CaseOptions,
): Promise<Found> {
  const checkout = await findCheckout(host.machine, options.repo);
  const { path: configPath, text: configText } = await configOf(host, options, checkout);
  const paths = named.length > 0 ? named : await besides(host, configPath);
  const texts = new Map([[configPath, configText]]);
  const diagnostics: Shown[] = [];
  const files: FoundFile[] = [];
  let shared: Omit<Repository, "config"> | undefined;
  for (const path of paths) {
    const text = await readText(host, path, CONFIG_BYTES_MAX);
    texts.set(path, text);
    const parsed = parseCases(text, path);
    if (parsed.kind === "error") {
      diagnostics.push(...parsed.diagnostics);
      continue;
    }
    const { file } = parsed;
    if (file.tree === undefined && shared === undefined && file.cases.length > 0) {
      const tree = await filesHere(host, options, checkout);
      const code = await codeHere(host, options, checkout, configText);
      diagnostics.push(...code.diagnostics);
      shared = code.index === undefined ? { tree } : { tree, index: code.index };
    }
    const here = file.tree === undefined ? shared : { tree: file.tree };
    files.push({ path, file, repository: { config: configText, tree: [], ...here } });
  }
  if (files.every(({ file }) => file.cases.length === 0) && diagnostics.length === 0) {
    diagnostics.push(aboutFile("error", "no_cases", "there is no case in it", paths[0] ?? FOLDER));
  }
  return { configPath, configText, files, diagnostics, texts };
}

type Checkout = Awaited<ReturnType<typeof findCheckout>>;

async function configOf(
  host: Host,
  { config }: CaseOptions,
  checkout: Checkout,
): Promise<{ readonly path: string; readonly text: string }> {
  if (config !== undefined) {
    return { path: config, text: await readText(host, config, CONFIG_BYTES_MAX) };
  }
  const own = await ownConfigAbove(host.machine, checkout);
  if (own.kind === "found") return own;
  if (own.kind === "problem") throw new UsageError(`${own.path}: ${own.message}.`);
  const next = "Write .terrane/config.yml, or name a file with --config.";
  throw new UsageError("There is no configuration to test.", next);
}

async function besides(host: Host, configPath: string): Promise<readonly string[]> {
  const folder = join(dirname(configPath), FOLDER);
  const names = (await host.machine.listFiles(folder)).filter((name) => CASES.test(name));
  if (names.length > 0) return names.map((name) => join(folder, name));
  const next = `Write the first one into ${join(folder, "first.yml")}; \`terrane config test --help\` shows how.`;
  throw new UsageError(`There are no cases in ${folder}.`, next);
}

/** What the code of the checkout refers to; a list of files has no code. */
async function codeHere(
  host: Host,
  { tree }: CaseOptions,
  checkout: Checkout,
  configText: string,
): Promise<IndexFound> {
  const { raw } = parseConfig(configText, "");
  if (raw === undefined || tree !== undefined) return NO_INDEX;
  return await findIndex(host, checkout, { head: undefined }, completeConfig(raw), undefined);
}

async function filesHere(
  host: Host,
  { tree }: CaseOptions,
  checkout: Checkout,
): Promise<readonly string[]> {
  if (tree !== undefined) return await readTree(host, tree);
  if (checkout !== undefined) return await filesOf(checkout, undefined);
  throw new UsageError(
    "This is no git checkout, so the files of the repository are not known.",
    "Give them as `tree` in the file of cases, or with --tree FILE.",
    2,
  );
}
