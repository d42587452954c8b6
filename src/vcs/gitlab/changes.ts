import type { CommitSha } from "../../core/ids.ts";
import type { FileChange } from "../../core/pull-request.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { diffListings } from "../git/diff-listings.ts";
import { type GitlabClient, type GitlabResult, ok, projectPath } from "./client.ts";
import { commitSchema, comparisonSchema } from "./schema.ts";
import { listFiles } from "./tree.ts";

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
  return ok(diffListings(before.value, after.value));
}
