import type { AccountId, CommitSha } from "../../core/ids.ts";
import type { Review } from "../../core/pull-request.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import {
  approvalsSchema,
  type MergeRequestData,
  noteListSchema,
  reviewerListSchema,
  versionListSchema,
} from "./schema.ts";

type Approval = (typeof approvalsSchema)["_output"]["approved_by"][number];

/**
 * Who approves, and who wants changes. GitLab's approvals know no commit: each is bound to the newest version of the merge
 * request that was there before it (S14). What cannot be bound does not count.
 */
export async function readReviews(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  data: MergeRequestData,
  head: CommitSha,
): Promise<VcsResult<readonly Review[]>> {
  const [approvals, objections] = await Promise.all([
    client.call(
      { method: "GET", path: projectPath(repo, `/merge_requests/${number}/approvals`) },
      approvalsSchema,
    ),
    readObjections(client, repo, number, data, head),
  ]);
  if (approvals.kind !== "ok") return approvals;
  if (objections.kind !== "ok") return objections;
  const given = approvals.value.approved_by.filter(({ user }) => !objections.value.has(user.id));
  const bound = given.length === 0 ? ok([]) : await bind(client, repo, number, given);
  return bound.kind === "ok" ? ok([...bound.value, ...objections.value.values()]) : bound;
}

/** An objection stands until its author approves or is asked again, whatever was pushed since. */
async function readObjections(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  data: MergeRequestData,
  head: CommitSha,
): Promise<VcsResult<ReadonlyMap<AccountId, Review>>> {
  if ((data.reviewers ?? []).length === 0) return ok(new Map());
  const path = projectPath(repo, `/merge_requests/${number}/reviewers`);
  const reviewers = await client.pages({ method: "GET", path }, reviewerListSchema);
  if (reviewers.kind !== "ok") return reviewers;
  return ok(
    new Map(
      reviewers.value
        .filter(({ state }) => state === "requested_changes")
        .map(({ user }) => [
          user.id,
          { reviewer: user, verdict: "changes_requested", commit: head } as const,
        ]),
    ),
  );
}

async function bind(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  approvals: readonly Approval[],
): Promise<VcsResult<readonly Review[]>> {
  const path = projectPath(repo, `/merge_requests/${number}/versions`);
  const versions = await client.pages({ method: "GET", path }, versionListSchema);
  if (versions.kind !== "ok") return versions;
  const told = approvals.every((approval) => approval.approved_at != null)
    ? ok(new Map<AccountId, number>())
    : await approvedAtInNotes(client, repo, number);
  if (told.kind !== "ok") return told;
  const pushed = versions.value
    .map((version) => ({ commit: version.head_commit_sha, at: Date.parse(version.created_at) }))
    .toSorted((a, b) => b.at - a.at);
  return ok(
    approvals.flatMap(({ user: reviewer, approved_at: approvedAt }): readonly Review[] => {
      const at = approvedAt == null ? told.value.get(reviewer.id) : Date.parse(approvedAt);
      // Of two at the same moment the push is taken to be later: then nobody saw it.
      const seen = at === undefined ? undefined : pushed.find((version) => version.at < at);
      return seen?.commit === undefined
        ? []
        : [{ reviewer, verdict: "approved", commit: seen.commit }];
    }),
  );
}

const APPROVED = "approved this merge request";

/** An older GitLab lists approvals without their times, but the notes that GitLab itself writes have theirs. */
async function approvedAtInNotes(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
): Promise<VcsResult<ReadonlyMap<AccountId, number>>> {
  const notes = await client.pages(
    {
      method: "GET",
      path: projectPath(repo, `/merge_requests/${number}/notes`),
      query: { sort: "asc", order_by: "created_at", activity_filter: "only_activity" },
    },
    noteListSchema,
  );
  if (notes.kind !== "ok") return notes;
  const latest = new Map<AccountId, number>();
  for (const { system, body, author, created_at: at } of notes.value) {
    if (system === true && body === APPROVED) latest.set(author.id, Date.parse(at));
  }
  return ok(latest);
}
