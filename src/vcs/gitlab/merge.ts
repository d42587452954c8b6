import type { CommitSha } from "../../core/ids.ts";
import type { MergeRequest, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import type { GitlabFailure } from "./failure.ts";
import { mergeShaOf, readMergeRequest } from "./merge-request.ts";
import { readProject } from "./project.ts";
import { mergeRequestSchema } from "./schema.ts";

/** What GitLab works out by itself, sooner or later. */
const PASSING: Readonly<Record<string, number>> = {
  unchecked: 2_000,
  checking: 2_000,
  preparing: 2_000,
  approvals_syncing: 2_000,
  ci_still_running: 15_000,
};

/** Merges exactly this head; what is merged already counts as done. */
export async function mergeMergeRequest(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  { head, method, title }: MergeRequest,
): Promise<VcsResult<CommitSha>> {
  const read = await readMergeRequest(client, repo, number);
  if (read.kind !== "ok") return read;
  const { state, sha } = read.value;
  if (state === "merged") return ok(mergeShaOf(read.value, sha ?? head));
  if (state === "closed") return rejected(`!${number} is closed. Reopen it to merge it.`);
  if (sha !== head) {
    return rejected(
      `!${number} is at ${sha ?? "no commit"} now, not at ${head}. Plan and apply what was pushed since.`,
    );
  }
  if (method === "rebase") {
    const project = await readProject(client, repo);
    if (project.kind !== "ok") return project;
    if (project.value.merge_method === "merge") return rejected(NO_REBASE);
  }
  const path = projectPath(repo, `/merge_requests/${number}/merge`);
  const message = method === "squash" ? "squash_commit_message" : "merge_commit_message";
  // Without a choice the project and the merge request say whether it is squashed.
  const squash = method === "auto" ? {} : { squash: method === "squash" };
  const body = { sha: head, ...squash, ...(title === undefined ? {} : { [message]: title }) };
  const done = await client.call({ method: "PUT", path, body }, mergeRequestSchema);
  if (done.kind === "ok") return ok(mergeShaOf(done.value, head));
  return await withReason(client, repo, number, done);
}

const NO_REBASE =
  "This project merges with merge commits, and GitLab lets no single merge do otherwise. Choose another merge method in the settings of the project, or `merge` or `squash` in the configuration.";

function rejected(message: string): Extract<GitlabFailure, { readonly kind: "rejected" }> {
  return { kind: "rejected", message };
}

/** GitLab refuses with a number alone; what is in the way stands in the merge request. */
async function withReason(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  failure: GitlabFailure,
): Promise<VcsResult<CommitSha>> {
  if (failure.status !== 405 && failure.status !== 422 && failure.status !== 406) {
    return failure.status === 401
      ? {
          kind: "forbidden",
          message: `${failure.message} The token's role may not push to the target branch.`,
        }
      : failure;
  }
  const read = await readMergeRequest(client, repo, number);
  const why = read.kind === "ok" ? (read.value.detailed_merge_status ?? "") : "";
  const message = why === "" ? failure.message : `GitLab does not merge !${number} yet: ${why}.`;
  const waitMs = Object.hasOwn(PASSING, why) ? PASSING[why] : undefined;
  if (waitMs === undefined) return { kind: "rejected", message };
  return { kind: "unavailable", message, retryAfterMs: waitMs };
}
