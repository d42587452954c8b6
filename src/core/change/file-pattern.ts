import { type Dir, ROOT_DIR, type Workspace } from "./dirspace.ts";
import { escapeGlob, type Glob, parseGlob, type Tail, tailMatches } from "./glob.ts";

/** A pattern of one dirspace: what lies in `anchor` and goes on as `tail`. */
export interface FilePattern {
  /** As the configuration has it. */
  readonly text: string;
  readonly negative: boolean;
  /** `""` is the root. */
  readonly anchor: string;
  readonly tail: Tail;
}

/** A pattern before `${DIR}` and `${WORKSPACE}` are known. */
export interface PatternTemplate {
  /** As the configuration has it. */
  readonly text: string;
  readonly negative: boolean;
  readonly reach: PatternReach;
  /** `undefined` where the pattern leaves the repository and can match nothing. */
  instantiate(dir: Dir, workspace: Workspace): FilePattern | undefined;
  /** The glob of a pattern that is the same in every directory. */
  fixed(workspace: Workspace): Glob | undefined;
}

/** Where the files are that a pattern can match, seen from the directory of its dirspace. */
export type PatternReach =
  /** Directly in it. */
  | "own"
  /** In it or below. */
  | "inside"
  /** Elsewhere, and where depends on the directory. */
  | "relative"
  /** Anywhere, and the same for every directory. */
  | "fixed";

/** Makes templates that share their compiled globs: `${DIR}/*.tf` is one glob in 100,000 directories. */
export function patternCompiler(): (text: string) => PatternTemplate {
  const globs = new Map<string, Resolved | undefined>();
  const resolve = (text: string): Resolved | undefined => {
    if (!globs.has(text)) globs.set(text, resolved(text));
    return globs.get(text);
  };
  return (text) => template(text, resolve);
}

export function patternMatches(pattern: FilePattern, path: string): boolean {
  const { anchor, tail } = pattern;
  if (anchor === "") return tailMatches(tail, `/${path}`);
  if (!path.startsWith(anchor)) return false;
  const rest = path.slice(anchor.length);
  return (rest === "" || rest.startsWith("/")) && tailMatches(tail, rest);
}

/** At least one positive pattern and no negative one; their order does not matter. */
export function listMatches(patterns: readonly FilePattern[], path: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (matched && !pattern.negative) continue;
    if (!patternMatches(pattern, path)) continue;
    if (pattern.negative) return false;
    matched = true;
  }
  return matched;
}

// A global `*.tf`, with or without "any directory" before it, means the files of each directory.
// Only where no further slash follows: what names a directory is seen from the root, as written.
export function rewriteGlobal(text: string): string {
  const sign = text.startsWith("!") ? "!" : "";
  const body = text.slice(sign.length);
  const name = body.startsWith("**/") ? body.slice(3) : body;
  const wild = body.startsWith("*") && !name.includes("/");
  return wild ? `${sign}\${DIR}/${name}` : text;
}

/** Whether the pattern follows its directory; a list where all positive ones do names candidates. */
export function isDirRelative(text: string): boolean {
  return text.startsWith(DIR_SLASH);
}

const DIR = "${DIR}";
const DIR_SLASH = "${DIR}/";
/** What may stand before `${DIR}` without making a glob of its own in each directory. */
const PLAIN_BEFORE = /^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\/)*$/;

interface Resolved {
  /** How many directories above the starting point the pattern begins. */
  readonly up: number;
  readonly glob: Glob;
}

function template(text: string, resolve: (text: string) => Resolved | undefined): PatternTemplate {
  const negative = text.startsWith("!");
  const body = negative ? text.slice(1) : text;
  const at = body.indexOf(DIR);
  if (at < 0) return fixedTemplate(text, body, resolve);
  const before = body.slice(0, at);
  const rest = body.slice(at + DIR_SLASH.length);
  const plain = PLAIN_BEFORE.test(before) && body.startsWith(DIR_SLASH, at) && !rest.includes(DIR);
  if (plain) return relativeTemplate(text, before, rest, resolve);
  return {
    text,
    negative,
    reach: "relative",
    fixed: () => undefined,
    instantiate(dir, workspace) {
      const named = body.replaceAll(DIR, dir === ROOT_DIR ? "." : escapeGlob(dir));
      const found = resolve(named.replaceAll("${WORKSPACE}", workspace));
      if (found === undefined || found.up > 0) return undefined;
      return { text, negative, anchor: found.glob.prefix, tail: found.glob.tail };
    },
  };
}

function fixedTemplate(
  text: string,
  body: string,
  resolve: (text: string) => Resolved | undefined,
): PatternTemplate {
  const negative = text.startsWith("!");
  const fixed = (workspace: Workspace): Glob | undefined => {
    const found = resolve(body.replaceAll("${WORKSPACE}", workspace));
    return found === undefined || found.up > 0 ? undefined : found.glob;
  };
  return {
    text,
    negative,
    reach: "fixed",
    fixed,
    instantiate(_dir, workspace) {
      const glob = fixed(workspace);
      if (glob === undefined) return undefined;
      return { text, negative, anchor: glob.prefix, tail: glob.tail };
    },
  };
}

/** Plain names, then `${DIR}/`, then a glob: the same glob in every directory. */
function relativeTemplate(
  text: string,
  before: string,
  rest: string,
  resolve: (text: string) => Resolved | undefined,
): PatternTemplate {
  const negative = text.startsWith("!");
  const base = before.slice(0, -1);
  // The name of a workspace holds no slash, so any one will do.
  const sample = resolve(rest.replaceAll("${WORKSPACE}", "x"));
  return {
    text,
    negative,
    reach: base !== "" || sample?.up !== 0 ? "relative" : isOwn(sample.glob) ? "own" : "inside",
    fixed: () => undefined,
    instantiate(dir, workspace) {
      const found = resolve(rest.replaceAll("${WORKSPACE}", workspace));
      if (found === undefined) return undefined;
      const from = ancestor(join(base, dir === ROOT_DIR ? "" : dir), found.up);
      if (from === undefined) return undefined;
      const { prefix, tail } = found.glob;
      return { text, negative, anchor: join(from, prefix), tail };
    },
  };
}

function isOwn({ prefix, tail }: Glob): boolean {
  if (prefix !== "") return false;
  return tail.kind === "child" || (tail.kind === "literal" && tail.text.lastIndexOf("/") === 0);
}

/** Resolves `.` and `..` as text, before wildcards have a meaning. */
function resolved(text: string): Resolved | undefined {
  const segments: string[] = [];
  let up = 0;
  for (const segment of text.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) up += 1;
  }
  const parsed = parseGlob(segments.join("/"));
  return parsed.kind === "error" ? undefined : { up, glob: parsed.glob };
}

function ancestor(dir: string, up: number): string | undefined {
  let path = dir;
  for (let level = 0; level < up; level += 1) {
    if (path === "") return undefined;
    path = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
  }
  return path;
}

function join(directory: string, name: string): string {
  if (directory === "" || name === "") return directory + name;
  return `${directory}/${name}`;
}
