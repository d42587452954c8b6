import { execFile } from "node:child_process";
import { lstat, opendir, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { resolvePath } from "../base/symlinks.ts";

/** The files of a checkout: paths relative to its root. */
export interface Listing {
  /** Links that lead inside included; sorted. */
  readonly files: readonly ListedFile[];
  /** Where links lead, inside the checkout only. */
  readonly links: ReadonlyMap<string, string>;
}

export interface ListedFile {
  readonly path: string;
  /** Git's hash of exactly what lies there. */
  readonly blob?: string;
}

/** Folders that hold what tools fetched or made, or no code. */
const SKIPPED: ReadonlySet<string> = new Set([
  ".git",
  ".terraform",
  ".terragrunt-cache",
  "node_modules",
]);

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 512 * 1024 * 1024;

/** By git where the directory is a work tree, which knows hashes too; else by looking everywhere. */
export async function listCheckout(root: string, filesMax: number): Promise<Listing> {
  const { files, links } = (await byGit(root)) ?? (await byWalking(root, filesMax));
  const targets = new Map<string, string>();
  const elsewhere = new Set<string>();
  for (const path of links) {
    const target = await linkTarget(root, path);
    if (target === undefined) elsewhere.add(path);
    else targets.set(path, target);
  }
  const inside = files.filter(({ path }) => !elsewhere.has(path));
  const sorted = inside.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { files: sorted, links: targets };
}

interface Found {
  readonly files: readonly ListedFile[];
  readonly links: readonly string[];
}

async function byGit(root: string): Promise<Found | undefined> {
  const git = async (...args: string[]): Promise<readonly string[]> => {
    // A hook that is told about changed files would run code of whoever configured it.
    const options = { cwd: root, maxBuffer: OUTPUT_BYTES_MAX };
    const { stdout } = await run("git", ["-c", "core.fsmonitor=false", ...args], options);
    return stdout.split("\0").filter((line) => line !== "");
  };
  try {
    const staged = await git("ls-files", "--stage", "-z");
    const changed = new Set(await git("diff-files", "--name-only", "--relative", "-z"));
    const others = await git("ls-files", "--others", "--exclude-standard", "-z");
    const files = new Map<string, ListedFile>();
    const links: string[] = [];
    for (const line of staged) {
      const [, mode, blob, path] = /^(\d+) ([0-9a-f]+) \d\t([^]+)$/.exec(line) ?? [];
      // A submodule is another repository.
      if (path === undefined || blob === undefined || mode === "160000") continue;
      if (mode === "120000") links.push(path);
      files.set(path, changed.has(path) || mode === "120000" ? { path } : { path, blob });
    }
    for (const path of others) files.set(path, { path });
    return { files: [...files.values()], links: [...links, ...(await linksAmong(root, others))] };
  } catch {
    return undefined;
  }
}

async function linksAmong(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const links: string[] = [];
  for (const path of paths) {
    const found = await lstat(join(root, path)).catch(() => undefined);
    if (found?.isSymbolicLink() === true) links.push(path);
  }
  return links;
}

async function byWalking(root: string, filesMax: number): Promise<Found> {
  const files: ListedFile[] = [];
  const links: string[] = [];
  const open = [""];
  for (let dir = open.pop(); dir !== undefined; dir = open.pop()) {
    for await (const entry of await opendir(join(root, dir))) {
      if (files.length >= filesMax) return { files, links };
      const path = dir === "" ? entry.name : `${dir}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) open.push(path);
        continue;
      }
      if (entry.isSymbolicLink()) links.push(path);
      else if (!entry.isFile()) continue;
      files.push({ path });
    }
  }
  return { files, links };
}

async function linkTarget(root: string, path: string): Promise<string | undefined> {
  const target = await readlink(join(root, path)).catch(() => undefined);
  if (target === undefined || target === "" || target.startsWith("/")) return undefined;
  const resolved = resolvePath(dirname(path), target);
  return resolved === path ? undefined : resolved;
}
