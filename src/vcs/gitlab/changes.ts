import type { CommitSha } from "../../core/ids.ts";
import type { FileChange } from "../../core/pull-request.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, type GitlabResult, ok, projectPath } from "./client.ts";
import { commitSchema, comparisonSchema } from "./schema.ts";
import { listFiles, type TreeFile } from "./tree.ts";

/** A comparison brings the text of all that changed; beyond this the listings of both sides are cheaper. */
const BYTES_MAX = 16 * 1024 * 1024;

export interface Range {
  readonly base: CommitSha;
  readonly head: CommitSha;
  readonly direct: boolean;
}

/** What changed, whole: where GitLab's own list is cut, or may be, the two trees are compared instead. */
export async function readChanges(
  client: GitlabClient,
  repo: RepositoryRef,
  range: Range,
): Promise<VcsResult<readonly FileChange[]>> {
  const { base, head, direct } = range;
  const compared = await client.call(
    {
      method: "GET",
      path: projectPath(repo, "/repository/compare"),
      query: { from: base, to: head, straight: String(direct) },
      bytesMax: BYTES_MAX,
    },
    comparisonSchema,
  );
  const isCut =
    compared.kind === "ok" ? compared.value.compare_timeout === true : compared.tooLarge === true;
  if (compared.kind !== "ok" && !isCut) return compared;
  if (compared.kind === "ok" && !isCut) {
    const { diffs } = compared.value;
    // Nothing is what histories that share nothing look like, too.
    if (diffs.length > 0 || base === head) return ok(diffs.map(toChange));
  }
  const from = direct ? ok(base) : await forkOf(client, repo, base, head);
  return from.kind === "ok" ? await compareTrees(client, repo, from.value, head) : from;
}

function toChange(file: {
  readonly old_path: string;
  readonly new_path: string;
  readonly new_file: boolean;
  readonly renamed_file: boolean;
  readonly deleted_file: boolean;
}): FileChange {
  const { old_path: from, new_path: to } = file;
  if (file.new_file) return { kind: "added", path: to };
  if (file.deleted_file) return { kind: "deleted", path: from };
  if (file.renamed_file && from !== to) return { kind: "renamed", from, to };
  return { kind: "modified", path: to };
}

/** Where the histories part; the base itself where they share nothing. */
async function forkOf(
  client: GitlabClient,
  repo: RepositoryRef,
  base: CommitSha,
  head: CommitSha,
): Promise<GitlabResult<CommitSha>> {
  const path = projectPath(repo, "/repository/merge_base");
  const found = await client.call(
    { method: "GET", path: `${path}?refs[]=${base}&refs[]=${head}` },
    commitSchema,
  );
  if (found.kind === "not_found") return ok(base);
  return found.kind === "ok" ? ok(found.value.id) : found;
}

async function compareTrees(
  client: GitlabClient,
  repo: RepositoryRef,
  from: CommitSha,
  to: CommitSha,
): Promise<VcsResult<readonly FileChange[]>> {
  const [before, after] = await Promise.all([
    listFiles(client, repo, from),
    listFiles(client, repo, to),
  ]);
  if (before.kind !== "ok") return before;
  if (after.kind !== "ok") return after;
  return ok(diffFiles(before.value, after.value));
}

/** The id of a file without content, by the two ways in which git makes ids. */
const EMPTY: ReadonlySet<string> = new Set([
  "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
  "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
]);

/** What differs between two listings; a file that only moved, byte for byte, is renamed. */
export function diffFiles(
  before: readonly TreeFile[],
  after: readonly TreeFile[],
): readonly FileChange[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const now = new Set(after.map((file) => file.path));
  const gone = new Map<string, TreeFile[]>();
  for (const file of before) {
    if (!now.has(file.path)) gone.set(file.sha, [...(gone.get(file.sha) ?? []), file]);
  }
  const changes: FileChange[] = [];
  for (const { path, sha, mode } of after) {
    const was = old.get(path);
    if (was !== undefined) {
      if (was.sha !== sha || was.mode !== mode) changes.push({ kind: "modified", path });
      continue;
    }
    // Empty files are all alike: none of them is where another went.
    const from = EMPTY.has(sha) ? undefined : gone.get(sha)?.shift();
    if (from === undefined) changes.push({ kind: "added", path });
    else changes.push({ kind: "renamed", from: from.path, to: path });
  }
  for (const { path } of [...gone.values()].flat()) changes.push({ kind: "deleted", path });
  return changes;
}
