import type { CommitSha } from "../../core/ids.ts";
import type { FileChange } from "../../core/pull-request.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { diffListings } from "../git/diff-listings.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import type { Listings } from "./listings.ts";
import type { Looked } from "./looked.ts";
import { comparisonSchema } from "./schema.ts";

/** A comparison lists no more files than this, without a word. */
const COMPARED_FILES_MAX = 300;
/** A listing of the base serves every pull request onto it, as long as it is no larger than this. */
const LISTED_MAX = 50_000;

export interface Range {
  readonly base: CommitSha;
  readonly head: CommitSha;
  readonly direct: boolean;
}

export interface ChangesWith {
  readonly client: GithubClient;
  readonly listings: Listings;
  readonly looked: Looked;
}

/** What changed, whole: where GitHub's own list may be cut, the two trees are compared instead. */
export async function readChanges(
  { client, listings, looked }: ChangesWith,
  repo: RepositoryRef,
  { base, head, direct }: Range,
): Promise<VcsResult<readonly FileChange[]>> {
  if (direct) return await compareTrees(client, listings, repo, base, head);
  if (looked.isFork(repo, base, head)) {
    const after = listings.known(repo, head);
    const isCheap = listings.known(repo, base) !== undefined || (after?.length ?? 0) <= LISTED_MAX;
    if (after !== undefined && isCheap)
      return await compareTrees(client, listings, repo, base, head);
  }
  const route = `GET ${repositoryPath("/compare/{basehead}")}`;
  // The files come with the first page of commits; of those none is needed.
  const wanted = { ...of(repo), basehead: `${base}...${head}`, per_page: 1 };
  const compared = await client.call(repo, route, wanted, comparisonSchema);
  // Histories that share nothing have no merge base: everything differs.
  if (compared.kind === "not_found" && /no common ancestor/i.test(compared.message)) {
    return await compareTrees(client, listings, repo, base, head);
  }
  if (compared.kind !== "ok") return compared;
  const { files = [], merge_base_commit: fork } = compared.value;
  if (files.length >= COMPARED_FILES_MAX)
    return await compareTrees(client, listings, repo, fork.sha, head);
  return ok(files.flatMap(toChange));
}

function toChange(file: {
  readonly filename: string;
  readonly previous_filename?: string | undefined;
  readonly status: string;
}): readonly FileChange[] {
  const path = file.filename;
  switch (file.status) {
    case "added":
    case "copied":
      return [{ kind: "added", path }];
    case "removed":
      return [{ kind: "deleted", path }];
    case "renamed":
      return [{ kind: "renamed", from: file.previous_filename ?? path, to: path }];
    case "unchanged":
      return [];
    default:
      return [{ kind: "modified", path }];
  }
}

async function compareTrees(
  client: GithubClient,
  listings: Listings,
  repo: RepositoryRef,
  from: CommitSha,
  to: CommitSha,
): Promise<VcsResult<readonly FileChange[]>> {
  const [before, after] = await Promise.all([
    listings.at(client, repo, from),
    listings.at(client, repo, to),
  ]);
  if (before.kind !== "ok") return before;
  if (after.kind !== "ok") return after;
  return ok(diffListings(before.value, after.value));
}
