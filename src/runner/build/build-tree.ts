import { realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type BuiltTree,
  needsBase,
  PrintedTree,
  resolveTree,
  treePath,
} from "../../contract/built-tree.ts";
import { INDEX_BYTES_MAX, type WorkItem } from "../../contract/work.ts";
import { gitAt, said, succeeded } from "../git.ts";
import { findProgram } from "../process.ts";
import { runScript, type Script, type ScriptOptions } from "./run-script.ts";

export type TreeBuilt =
  | { readonly kind: "built"; readonly tree: BuiltTree }
  | { readonly kind: "failed"; readonly message: string };

type Listed =
  | { readonly kind: "listed"; readonly tree: PrintedTree }
  | { readonly kind: "failed"; readonly message: string };

export interface TreeOptions extends Omit<ScriptOptions, "charsMax"> {
  /** For git. */
  readonly gitEnv: Script["env"];
}

/**
 * The list of files as the script prints it. Where ids are to say what changed, the script also runs in the commit
 * that the branch left its base at, in a folder of its own.
 */
export async function buildTree(
  script: Omit<Script, "name">,
  commits: Pick<WorkItem, "headSha" | "baseSha">,
  options: TreeOptions,
): Promise<TreeBuilt> {
  const head = await list(script, options);
  if (head.kind === "failed") return head;
  // After the merge there is one commit only, so nothing can be compared.
  if (!needsBase(head.tree) || commits.headSha === commits.baseSha) {
    return { kind: "built", tree: resolveTree(head.tree, undefined) };
  }
  const base = await listBase(script, commits, options);
  if (base.kind === "failed") return base;
  return { kind: "built", tree: resolveTree(head.tree, base.tree) };
}

async function listBase(
  script: Omit<Script, "name">,
  { headSha, baseSha }: Pick<WorkItem, "headSha" | "baseSha">,
  options: TreeOptions,
): Promise<Listed> {
  const failed = (why: string): Listed => ({
    kind: "failed",
    message: `The base of the change could not be checked out for the script: ${why}`,
  });
  const program = await findProgram("git", options.gitEnv, script.cwd);
  if (program === undefined) return failed("git is not on PATH.");
  const git = gitAt(program, script.cwd, { ...options, env: options.gitEnv });
  const fork = await git(["merge-base", headSha, baseSha]);
  if (!succeeded(fork)) return failed(said(fork) || "the two commits have nothing in common.");
  const folder = join(options.folder, "base");
  // A job before that was killed has left git the memory of such a folder: it is ours all the same.
  const adding = ["worktree", "add", "--quiet", "--detach", "--force", folder];
  const added = await git([...adding, fork.stdout.trim()]);
  if (!succeeded(added)) return failed(said(added));
  try {
    options.log(`The same in ${fork.stdout.trim().slice(0, 12)}, where the branch began`);
    return await list({ ...script, cwd: folder, env: at(script, folder) }, options);
  } finally {
    await git(["worktree", "remove", "--force", folder]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** The root is elsewhere, also where a variable says so. */
function at({ env, cwd }: Omit<Script, "name">, folder: string): Script["env"] {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value === cwd ? folder : value]),
  );
}

async function list(script: Omit<Script, "name">, options: TreeOptions): Promise<Listed> {
  const charsMax = INDEX_BYTES_MAX;
  const printed = await runScript({ ...script, name: "tree_builder" }, { ...options, charsMax });
  if (printed.kind === "failed") return printed;
  return readTree(printed.stdout, [script.cwd, await realpath(script.cwd)]);
}

const SHAPE =
  "It has to print a JSON array of `{path, id?, changed?}` and nothing else on its standard output.";

export function readTree(text: string, roots: readonly string[]): Listed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: "failed", message: `The script printed no JSON (${String(error)}). ${SHAPE}` };
  }
  const parsed = PrintedTree.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = (issue?.path ?? []).join(".");
    const what = `${where === "" ? "" : `${where}: `}${issue?.message ?? "unknown"}`;
    return {
      kind: "failed",
      message: `The script printed another kind of JSON (${what}). ${SHAPE}`,
    };
  }
  const tree: PrintedTree = [];
  for (const [index, file] of parsed.data.entries()) {
    const path = treePath(file.path, roots);
    if (path === undefined) {
      const shown = JSON.stringify(file.path.slice(0, 200));
      const message = `Entry ${index} of what the script printed is ${shown}, which is no path inside the repository.`;
      return { kind: "failed", message };
    }
    tree.push({ ...file, path });
  }
  return { kind: "listed", tree };
}
