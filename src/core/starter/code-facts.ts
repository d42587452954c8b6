import { resolvePath } from "../../base/symlinks.ts";
import { type Block, hclBlocks } from "./hcl-blocks.ts";

/** What one file says about the directory that it is in. */
export interface CodeFacts {
  /** The type of the backend, `cloud` where the state is kept by a service. */
  readonly backend?: string;
  /** Those that are configured, and no mere requirements. */
  readonly providers: readonly string[];
  /** Those that are required, by their local names. */
  readonly required: readonly string[];
  /** Directories of this repository that it calls as modules, or runs. */
  readonly modules: readonly string[];
  /** Of Terragrunt: it names the code to run. */
  readonly runs: boolean;
  readonly asksForWorkspace: boolean;
}

/** Where a path of somebody else leads: `./x` and `../x` only, everything else is elsewhere. */
const LOCAL = /^\.{1,2}(?:\/|$)/;
const WORKSPACE = /\bterraform\.workspace\b/;

export function codeFacts(path: string, text: string): CodeFacts {
  const dir = dirOf(path);
  const blocks = path.endsWith(".json") ? jsonBlocks(text) : hclBlocks(text);
  const asksForWorkspace = WORKSPACE.test(text);
  if (isUnitFile(path)) return { ...unitFacts(dir, blocks, text), asksForWorkspace };
  const settings = blocks.filter(({ type }) => type === "terraform").flatMap((one) => one.blocks);
  const backend = settings.find(({ type }) => type === "backend" || type === "cloud");
  const required = settings.filter(({ type }) => type === "required_providers");
  return {
    ...(backend === undefined ? {} : { backend: labelOf(backend) ?? "cloud" }),
    providers: labelsOf(blocks, "provider"),
    required: required.flatMap(({ texts, blocks: of }) => [
      ...texts.keys(),
      ...of.map(({ type }) => type),
    ]),
    modules: blocks.flatMap((block) =>
      block.type === "module" ? local(dir, block.texts.get("source")) : [],
    ),
    runs: false,
    asksForWorkspace,
  };
}

function unitFacts(dir: string, blocks: readonly Block[], text: string) {
  const terraform = blocks.filter(({ type }) => type === "terraform");
  // The two ways in which units name code of their own repository.
  const rooted = /\bsource\s*=\s*"\$\{get_repo_root\(\)\}\/{1,2}([^"$]+)"/.exec(text)?.[1];
  const sources = terraform.map((block) => block.texts.get("source"));
  return {
    providers: [],
    required: [],
    modules: [
      ...sources.flatMap((source) => local(dir, source)),
      ...(rooted === undefined ? [] : local(".", `./${rooted}`)),
    ],
    runs: terraform.some((block) => block.texts.has("source")) || /\bsource\s*=/.test(text),
  };
}

/** `//` divides what is copied from where the code is. */
function local(dir: string, source: string | undefined): readonly string[] {
  if (source === undefined || !LOCAL.test(source)) return [];
  const found = resolvePath(dir, source.replace("//", "/"));
  return found === undefined || found === dir ? [] : [found];
}

function labelOf({ labels }: Block): string | undefined {
  return labels[0];
}

function labelsOf(blocks: readonly Block[], type: string): readonly string[] {
  return blocks.flatMap((block) => (block.type === type ? block.labels.slice(0, 1) : []));
}

/** The blocks with labels that are looked at. */
const LABELLED: ReadonlySet<string> = new Set(["provider", "module", "backend"]);

function jsonBlocks(text: string): readonly Block[] {
  try {
    return blocksIn(JSON.parse(text), 0);
  } catch {
    return [];
  }
}

const JSON_DEPTH_MAX = 4;

function blocksIn(value: unknown, depth: number): readonly Block[] {
  if (depth > JSON_DEPTH_MAX || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([type, body]) => {
    if (!LABELLED.has(type)) return listOf(body).map((one) => blockOf(type, [], one, depth));
    return listOf(body).flatMap((byLabel) =>
      Object.entries(byLabel).flatMap(([label, one]) =>
        listOf(one).map((each) => blockOf(type, [label], each, depth)),
      ),
    );
  });
}

function blockOf(type: string, labels: readonly string[], body: object, depth: number): Block {
  const texts = Object.entries(body).flatMap(([key, value]) =>
    typeof value === "string" && !value.includes("${") ? [[key, value] as const] : [],
  );
  return { type, labels, texts: new Map(texts), blocks: blocksIn(body, depth + 1) };
}

function listOf(value: unknown): readonly object[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one): one is object => typeof one === "object" && one !== null);
}

const UNIT = /^terragrunt\.hcl(?:\.json)?$/;

export function isUnitFile(path: string): boolean {
  return UNIT.test(nameOf(path));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function dirOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}
