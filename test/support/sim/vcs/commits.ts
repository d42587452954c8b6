import { present } from "../../../../src/base/assert.ts";
import type { CommitSha } from "../../../../src/core/ids.ts";
import type { FileChange } from "../../../../src/core/pull-request.ts";

type Files = ReadonlyMap<string, string>;

/** What a directory's tool reads: all of its files. */
export function codeAt(files: Files, dir: string): string {
  const own = [...files]
    .filter(([path]) => path.startsWith(`${dir}/`))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return own.map(([path, text]) => `${path.slice(dir.length + 1)} ${text}`).join("\n");
}

interface Commit {
  readonly sha: CommitSha;
  readonly files: Files;
  readonly paths: readonly string[];
  readonly ancestors: ReadonlySet<CommitSha>;
  readonly order: number;
}

/** Commits of one repository: what each holds, and where it comes from. */
export class Commits {
  readonly #commits = new Map<CommitSha, Commit>();

  add(parents: readonly CommitSha[], files: Files): CommitSha {
    const order = this.#commits.size + 1;
    const sha = order.toString(16).padStart(40, "0") as CommitSha;
    const ancestors = new Set<CommitSha>([sha]);
    for (const parent of parents) {
      for (const one of this.#at(parent).ancestors) ancestors.add(one);
    }
    const paths = [...files.keys()].sort();
    this.#commits.set(sha, { sha, files, paths, ancestors, order });
    return sha;
  }

  has(sha: CommitSha): boolean {
    return this.#commits.has(sha);
  }

  filesAt(sha: CommitSha): Files {
    return this.#at(sha).files;
  }

  pathsAt(sha: CommitSha): readonly string[] {
    return this.#at(sha).paths;
  }

  /** Commits with these files changed; undefined removes one. */
  change(
    parent: CommitSha,
    files: Readonly<Record<string, string | undefined>>,
    others: readonly CommitSha[] = [],
  ): CommitSha {
    const next = new Map(this.filesAt(parent));
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) next.delete(path);
      else next.set(path, text);
    }
    return this.add([parent, ...others], next);
  }

  changes(base: CommitSha, head: CommitSha, direct: boolean): readonly FileChange[] {
    return changed(this.filesAt(direct ? base : this.#mergeBase(base, head)), this.filesAt(head));
  }

  /** The files of the head merged with the base, the head's where both changed one. */
  merged(base: CommitSha, head: CommitSha): { readonly files: Files; readonly conflict: boolean } {
    const from = this.filesAt(this.#mergeBase(base, head));
    const ours = this.filesAt(base);
    const theirs = this.filesAt(head);
    const files = new Map(ours);
    let conflict = false;
    for (const { path } of changed(from, theirs).map(pathOf)) {
      const text = theirs.get(path);
      if (ours.get(path) !== from.get(path) && ours.get(path) !== text) conflict = true;
      if (text === undefined) files.delete(path);
      else files.set(path, text);
    }
    return { files, conflict };
  }

  contains(head: CommitSha, sha: CommitSha): boolean {
    return this.#at(head).ancestors.has(sha);
  }

  #mergeBase(a: CommitSha, b: CommitSha): CommitSha {
    const other = this.#at(b).ancestors;
    let best: Commit | undefined;
    for (const sha of this.#at(a).ancestors) {
      const one = this.#at(sha);
      if (other.has(sha) && (best === undefined || one.order > best.order)) best = one;
    }
    return present(best, "all commits grow from one root").sha;
  }

  #at(sha: CommitSha): Commit {
    return present(this.#commits.get(sha), `commit ${sha}`);
  }
}

function pathOf(change: FileChange): { readonly path: string } {
  return change.kind === "renamed" ? { path: change.to } : change;
}

function changed(from: Files, to: Files): readonly FileChange[] {
  const changes: FileChange[] = [];
  for (const [path, text] of to) {
    const before = from.get(path);
    if (before === undefined) changes.push({ kind: "added", path });
    else if (before !== text) changes.push({ kind: "modified", path });
  }
  for (const path of from.keys()) if (!to.has(path)) changes.push({ kind: "deleted", path });
  return changes.sort((a, b) => (pathOf(a).path < pathOf(b).path ? -1 : 1));
}
