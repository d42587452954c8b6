import type { CommitSha } from "../../core/ids.ts";
import { type BareRepository, git, gitText } from "./run.ts";

interface Entry {
  readonly mode: string;
  readonly type: string;
  readonly object: string;
  readonly size: number;
  readonly path: string;
}

const SYMLINK = "120000";
/** One UTF-16 unit takes at most this many bytes in UTF-8. */
const BYTES_PER_CHAR_MAX = 3;

/** Every file at a commit, links included; directories and submodules have no content here. */
export async function listTree(
  repo: BareRepository,
  commit: CommitSha,
): Promise<readonly string[]> {
  const text = await gitText(repo, ["ls-tree", "-r", "-z", "-l", "--full-tree", commit]);
  return parseTree(text)
    .filter((entry) => entry.type === "blob")
    .map((entry) => entry.path);
}

export type FileText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none" }
  | { readonly kind: "link" }
  | { readonly kind: "too_large"; readonly bytes: number };

/** A file's text; the path is taken literally. */
export async function readFileAt(
  repo: BareRepository,
  commit: CommitSha,
  path: string,
  charsMax: number,
): Promise<FileText> {
  // Git refuses an empty path, and one with a NUL cannot even be passed.
  if (path === "" || path.includes("\0")) return { kind: "none" };
  const run = await git(repo, ["ls-tree", "-z", "-l", "--full-tree", commit, "--", path]);
  // Only a path that leaves the repository fails here, and nothing is there.
  if (run.kind === "exited" && run.code !== 0) return { kind: "none" };
  if (run.kind === "failed") throw new Error(`git ls-tree: ${run.message}`);
  const entry = parseTree(run.stdout.toString()).find((each) => each.path === path);
  if (entry === undefined || entry.type !== "blob") return { kind: "none" };
  if (entry.mode === SYMLINK) return { kind: "link" };
  if (entry.size > charsMax * BYTES_PER_CHAR_MAX) return { kind: "too_large", bytes: entry.size };
  const text = await gitText(repo, ["cat-file", "blob", entry.object]);
  return text.length > charsMax ? { kind: "too_large", bytes: entry.size } : { kind: "text", text };
}

export async function hasDirectory(
  repo: BareRepository,
  commit: CommitSha,
  path: string,
): Promise<boolean> {
  const text = await gitText(repo, ["ls-tree", "-z", "-l", "--full-tree", commit, "--", path]);
  return parseTree(text).some((entry) => entry.path === path && entry.type === "tree");
}

/** Reads `git ls-tree -z -l`: `<mode> <type> <object> <size>` TAB `<path>` NUL. */
export function parseTree(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const record of text.split("\0")) {
    const tab = record.indexOf("\t");
    if (tab < 0) continue;
    const [mode = "", type = "", object = "", size = ""] = record.slice(0, tab).split(/ +/);
    entries.push({ mode, type, object, size: Number(size), path: record.slice(tab + 1) });
  }
  return entries;
}
