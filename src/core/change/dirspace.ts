import type { Brand } from "../../base/brand.ts";

/**
 * A directory of a repository as the rest of the product may trust it: POSIX, relative, no empty,
 * `.` or `..` segment, `.` for the root. It goes into paths and command lines of the runner, so
 * only `parseDir` makes one.
 */
export type Dir = Brand<string, "Dir">;

/** A workspace name that is safe as a file name, an argument and a part of a key. */
export type Workspace = Brand<string, "Workspace">;

/** What is planned, applied and locked. */
export interface Dirspace {
  readonly dir: Dir;
  readonly workspace: Workspace;
}

/** `dir:workspace`: a stable key, unambiguous because a workspace holds no colon. */
export type DirspaceKey = Brand<string, "DirspaceKey">;

export const DIR_BYTES_MAX = 1024;
export const ROOT_DIR = "." as Dir;
export const DEFAULT_WORKSPACE = "default" as Workspace;

const WORKSPACE = /^[A-Za-z0-9_.-]{1,90}$/;
/** The common case, decided at native speed: a tree can hold 100,000 directories. */
const PLAIN = /^[A-Za-z0-9_\-+@ ]+(?:\/[A-Za-z0-9_\-+@ ]+)*$/;
/** Control characters, lone surrogates, and the backslash, which is a separator on some runners. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\\]/u;

export type ParsedDir =
  | { readonly kind: "ok"; readonly dir: Dir }
  | { readonly kind: "error"; readonly message: string };

/** Accepts the canonical form only; Unicode is kept as written and compared by code unit. */
export function parseDir(text: string): ParsedDir {
  const message = dirError(text);
  return message === undefined ? { kind: "ok", dir: text as Dir } : { kind: "error", message };
}

export type ParsedWorkspace =
  | { readonly kind: "ok"; readonly workspace: Workspace }
  | { readonly kind: "error"; readonly message: string };

export function parseWorkspace(text: string): ParsedWorkspace {
  if (!WORKSPACE.test(text)) {
    return {
      kind: "error",
      message: "a workspace name is 1 to 90 of the characters A-Z, a-z, 0-9, `_`, `.` and `-`",
    };
  }
  // `.` and `..` would leave the folder that is named after the workspace, `-x` would be an option.
  if (text === "." || text === ".." || text.startsWith("-")) {
    return { kind: "error", message: `a workspace cannot be called \`${text}\`` };
  }
  return { kind: "ok", workspace: text as Workspace };
}

export function dirspaceKey(dirspace: Dirspace): DirspaceKey {
  return `${dirspace.dir}:${dirspace.workspace}` as DirspaceKey;
}

/** What the key was made from. */
export function dirspaceOf(key: DirspaceKey): Dirspace {
  const colon = key.lastIndexOf(":");
  return { dir: key.slice(0, colon) as Dir, workspace: key.slice(colon + 1) as Workspace };
}

/** For people: the directory alone in the default workspace. */
export function shortName({ dir, workspace }: Dirspace): string {
  return workspace === DEFAULT_WORKSPACE ? dir : `${dir} (${workspace})`;
}

/** By directory, then workspace, by code unit: the order of every list, and of taking locks. */
export function compareDirspaces(a: Dirspace, b: Dirspace): number {
  return compareText(a.dir, b.dir) || compareText(a.workspace, b.workspace);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function dirError(text: string): string | undefined {
  if (text === ROOT_DIR) return undefined;
  if (text.length <= DIR_BYTES_MAX && PLAIN.test(text)) return undefined;
  if (text === "") return "a directory cannot be empty; the root is `.`";
  if (utf8Bytes(text) > DIR_BYTES_MAX) return `a directory is at most ${DIR_BYTES_MAX} bytes long`;
  if (FORBIDDEN.test(text)) {
    return "a directory cannot hold control characters, backslashes or broken Unicode";
  }
  for (const segment of text.split("/")) {
    if (segment === "") return "a directory is relative and has no empty part between slashes";
    if (segment === "." || segment === "..") return `a directory cannot hold \`${segment}\``;
  }
  return undefined;
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
