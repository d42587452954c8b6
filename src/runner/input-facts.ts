import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { truncateEnd } from "../base/text.ts";
import { FACTS_MAX, type PlanFacts } from "../contract/work.ts";
import { isEngineFile } from "./engine/backend-block.ts";
import { object, text } from "./plan-json.ts";

const LOCK_FILE = ".terraform.lock.hcl";
const FILES_MAX = 2_000;
const FILE_BYTES_MAX = 16 * 1024 * 1024;
const NAME_CHARS_MAX = 1_000;
const MODULE_DEPTH_MAX = 50;
const LOCKED = /^provider\s+"([^"\n]+)"\s*\{\s*version\s*=\s*"([^"\n]+)"/gm;

/**
 * What a plan was made from: names, versions and digests, never a value or a line of code. Reading is
 * best effort: what cannot be read is not a fact, and no reason to fail.
 */
export async function inputFacts(
  path: string,
  engine: string,
  document: unknown,
): Promise<PlanFacts> {
  const lock = await readFile(join(path, LOCK_FILE), "utf8").catch(() => undefined);
  const names = await readdir(path).catch((): string[] => []);
  const variables = names.filter((name) => /\.tfvars(?:\.json)?$/.test(name));
  const digests = {
    lock_file: lock === undefined ? undefined : digestOf(lock),
    variables: await digestOfFiles(path, variables),
    code: await digestOfFiles(path, names.filter(isEngineFile)),
  };
  const inputs: Record<string, string> = {};
  for (const [name, digest] of Object.entries(digests)) {
    if (digest !== undefined) inputs[name] = digest;
  }
  const version = text(object(document)["terraform_version"]);
  return {
    providers: providersOf(lock ?? "", document).slice(0, FACTS_MAX),
    modules: modulesOf(document).slice(0, FACTS_MAX),
    inputs,
    tool: version === "" ? null : truncateEnd(`${engine} ${version}`, 200),
  };
}

/** What the lock file pins, and what is used without being pinned. */
function providersOf(lock: string, document: unknown): PlanFacts["providers"] {
  const found = new Map<string, string | null>();
  for (const [, source, version] of lock.matchAll(LOCKED)) {
    if (source !== undefined && version !== undefined) found.set(source, version);
  }
  const used = object(object(object(document)["configuration"])["provider_config"]);
  for (const provider of Object.values(used)) {
    const source = text(object(provider)["full_name"]);
    if (source !== "" && !found.has(source)) found.set(source, null);
  }
  return [...found]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([source, version]) => ({ source: short(source), version: version && short(version) }));
}

function modulesOf(document: unknown): PlanFacts["modules"] {
  const found: PlanFacts["modules"] = [];
  const visit = (module: unknown, prefix: string, depth: number): void => {
    if (depth > MODULE_DEPTH_MAX) return;
    for (const [name, value] of Object.entries(object(object(module)["module_calls"]))) {
      const call = object(value);
      const path = `${prefix}${name}`;
      const version = text(call["version_constraint"]);
      const source = short(withoutUser(text(call["source"])));
      found.push({ path: short(path), source, version: version === "" ? null : short(version) });
      visit(call["module"], `${path}.`, depth + 1);
    }
  };
  visit(object(object(document)["configuration"])["root_module"], "", 0);
  return found;
}

/** A source may carry a password in its address. */
function withoutUser(source: string): string {
  return source.replace(/(:\/\/)[^/@\s]*@/, "$1");
}

async function digestOfFiles(path: string, names: readonly string[]): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  const hash = createHash("sha256");
  for (const name of [...names].sort().slice(0, FILES_MAX)) {
    const file = join(path, name);
    const facts = await stat(file).catch(() => undefined);
    if (facts?.isFile() !== true || facts.size > FILE_BYTES_MAX) continue;
    const content = await readFile(file).catch(() => undefined);
    if (content !== undefined) hash.update(JSON.stringify([name, digestOf(content)]));
  }
  return hash.digest("hex");
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function short(name: string): string {
  return truncateEnd(name, NAME_CHARS_MAX);
}
