import type { Part, Token } from "./tokens.ts";

/**
 * A path that stands literally in the code, before it is known where the code lies: the same
 * content in another directory gives the same, so that it can be remembered by its content.
 */
export interface RawPath {
  readonly from: Anchor;
  /** Relative, as written; `""` is the place itself. */
  readonly path: string;
}

export type Anchor =
  /** The directory of the file that says it: `path.module`. */
  | "file"
  /** The directory that is planned: `path.root`, `get_terragrunt_dir()`. */
  | "root"
  | "repository"
  /** The directory of the file that the planned one includes. */
  | "parent"
  /** The nearest directory above the planned one that holds a file of this name. */
  | `above:${string}`;

/** A piece of text, with or without a place that it begins at. */
interface Value {
  readonly from?: Anchor;
  readonly path: string;
}

/** What relative text and unnamed places mean, which differs between the two languages. */
export interface Dialect {
  /** Where plain relative text in the argument of a function begins. */
  readonly plain: Anchor;
  readonly names: Readonly<Record<string, Anchor>>;
  /** Functions without arguments that give a directory. */
  readonly directories: Readonly<Record<string, Anchor>>;
  /** What `find_in_parent_folders()` looks for; absent where there is no such function. */
  readonly parentFile?: string;
}

export const TERRAFORM: Dialect = {
  plain: "root",
  names: { "path.module": "file", "path.root": "root", "path.cwd": "root" },
  directories: {},
};

export const TERRAGRUNT: Dialect = {
  plain: "file",
  names: {},
  directories: {
    get_terragrunt_dir: "root",
    get_original_terragrunt_dir: "root",
    get_parent_terragrunt_dir: "parent",
    get_repo_root: "repository",
    get_path_to_repo_root: "repository",
  },
  parentFile: "terragrunt.hcl",
};

/** `undefined` for what is not literal: it is not guessed. */
export function literalPath(
  parts: readonly Part[],
  dialect: Dialect,
  plain: Anchor = dialect.plain,
): RawPath | undefined {
  return placed(templateValue(parts, dialect), plain);
}

/** The path that an argument of a call gives, if it is literal. */
export function argumentPath(tokens: readonly Token[], dialect: Dialect): RawPath | undefined {
  return placed(value(tokens, dialect), dialect.plain);
}

/** Text that begins nowhere, such as the pattern of `fileset`. */
export function argumentText(tokens: readonly Token[], dialect: Dialect): string | undefined {
  const found = value(tokens, dialect);
  return found === undefined || found.from !== undefined ? undefined : found.path;
}

/** The arguments of the call whose opening bracket is at `open`, and where it ends. */
export function callArguments(
  tokens: readonly Token[],
  open: number,
): { readonly list: readonly (readonly Token[])[]; readonly end: number } | undefined {
  const list: (readonly Token[])[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind !== "mark") continue;
    if ("([{".includes(token.text)) depth += 1;
    if (")]}".includes(token.text)) depth -= 1;
    if (depth === 0 || (depth === 1 && token.text === ",")) {
      if (at > start) list.push(tokens.slice(start, at));
      start = at + 1;
    }
    if (depth === 0) return { list, end: at };
  }
  return undefined;
}

function placed(found: Value | undefined, plain: Anchor): RawPath | undefined {
  if (found === undefined) return undefined;
  if (found.from === undefined && (found.path === "" || found.path.startsWith("/"))) {
    return undefined;
  }
  return { from: found.from ?? plain, path: found.path };
}

function templateValue(parts: readonly Part[], dialect: Dialect): Value | undefined {
  let whole: Value = { path: "" };
  for (const part of parts) {
    if (part.kind === "directive") return undefined;
    const next = part.kind === "text" ? { path: part.text } : value(part.tokens, dialect);
    const joined = next === undefined ? undefined : append(whole, next);
    if (joined === undefined) return undefined;
    whole = joined;
  }
  return whole;
}

function append(whole: Value, next: Value): Value | undefined {
  if (next.from !== undefined) {
    return whole.from === undefined && whole.path === "" ? next : undefined;
  }
  if (whole.from === undefined) return { path: whole.path + next.path };
  // `${path.module}x` is another name, not a file in that directory.
  const slash = whole.path.endsWith("/") || next.path.startsWith("/") || next.path === "";
  return slash ? { from: whole.from, path: whole.path + next.path } : undefined;
}

function value(tokens: readonly Token[], dialect: Dialect): Value | undefined {
  const [first] = tokens;
  if (first === undefined) return undefined;
  if (first.kind === "template") {
    return tokens.length === 1 ? templateValue(first.parts, dialect) : undefined;
  }
  if (first.kind === "mark") return undefined;
  const name = tokens.map((token) => (token.kind === "template" ? "" : token.text)).join("");
  const named = Object.hasOwn(dialect.names, name) ? dialect.names[name] : undefined;
  if (named !== undefined) return { from: named, path: "" };
  const call = callArguments(tokens, 1);
  if (call === undefined || call.end !== tokens.length - 1 || !isOpening(tokens[1])) {
    return undefined;
  }
  return called(first.text, call.list, dialect);
}

function called(
  name: string,
  list: readonly (readonly Token[])[],
  dialect: Dialect,
): Value | undefined {
  const [argument] = list;
  if (name === "dirname" && list.length === 1 && argument !== undefined) {
    const inner = value(argument, dialect);
    return inner === undefined ? undefined : parentOf(inner);
  }
  if (name === "find_in_parent_folders" && dialect.parentFile !== undefined) {
    const wanted = argument === undefined ? { path: dialect.parentFile } : value(argument, dialect);
    if (wanted === undefined || wanted.from !== undefined || !isName(wanted.path)) return undefined;
    return { from: `above:${wanted.path}`, path: wanted.path };
  }
  const place = Object.hasOwn(dialect.directories, name) ? dialect.directories[name] : undefined;
  return place === undefined || list.length > 0 ? undefined : { from: place, path: "" };
}

function parentOf({ from, path }: Value): Value | undefined {
  if (path === "") return undefined;
  const slash = path.lastIndexOf("/");
  const parent = slash < 0 ? "" : path.slice(0, slash);
  return from === undefined ? { path: parent === "" ? "." : parent } : { from, path: parent };
}

/** A name below the directory that it is looked for in, such as `root.hcl` or `config/env.hcl`. */
function isName(path: string): boolean {
  return path !== "" && path.split("/").every((one) => one !== "" && one !== "." && one !== "..");
}

function isOpening(token: Token | undefined): boolean {
  return token?.kind === "mark" && token.text === "(";
}
