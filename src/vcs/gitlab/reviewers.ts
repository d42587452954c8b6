import type { Account } from "../../core/ids.ts";
import type {
  RepositoryRef,
  ReviewersWanted,
  UnaskedReviewer,
  VcsResult,
} from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import { readMergeRequest } from "./merge-request.ts";
import {
  approvalsSchema,
  mergeRequestSchema,
  reviewerListSchema,
  userListSchema,
} from "./schema.ts";

/** These have answered, and are asked no more. */
const ANSWERED: ReadonlySet<string> = new Set(["approved", "reviewed"]);

/** Who was asked for a review and has not given one, and the approvals that the project's rules still want. */
export async function readOpenReviews(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
): Promise<VcsResult<readonly string[]>> {
  const path = projectPath(repo, `/merge_requests/${number}`);
  const [reviewers, approvals] = await Promise.all([
    client.pages({ method: "GET", path: `${path}/reviewers` }, reviewerListSchema),
    client.call({ method: "GET", path: `${path}/approvals` }, approvalsSchema),
  ]);
  if (reviewers.kind !== "ok") return reviewers;
  if (approvals.kind !== "ok") return approvals;
  const approved = new Set(approvals.value.approved_by.map(({ user }) => user.id));
  const asked = reviewers.value
    .filter(({ user, state }) => !ANSWERED.has(state) && !approved.has(user.id))
    .map(({ user }) => user.login);
  const left = approvals.value.approvals_left ?? 0;
  return ok(left > 0 && asked.length === 0 ? ["an approval that the project's rules want"] : asked);
}

/** GitLab replaces the whole list; where only one reviewer is allowed it keeps the first and says nothing. */
export async function askReviewers(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  wanted: ReviewersWanted,
): Promise<VcsResult<readonly UnaskedReviewer[]>> {
  const read = await readMergeRequest(client, repo, number);
  if (read.kind !== "ok") return read;
  const { author, reviewers } = read.value;
  const unasked: UnaskedReviewer[] = wanted.teams.map((team) => ({
    name: `team:${team}`,
    message: "GitLab asks people for a review, not groups.",
  }));
  const before = reviewers ?? [];
  const added: Account[] = [];
  for (const login of wanted.users) {
    const found = await findUser(client, login);
    if (found.kind !== "ok") return found;
    const refusal = refusalOf(found.value, author);
    if (refusal !== undefined) unasked.push({ name: `user:${login}`, message: refusal });
    else if (found.value !== undefined && !before.some(({ id }) => id === found.value?.id))
      added.push(found.value);
  }
  if (added.length === 0) return ok(unasked);
  const path = projectPath(repo, `/merge_requests/${number}`);
  const body = { reviewer_ids: [...before, ...added].map(({ id }) => Number(id)) };
  const put = await client.call({ method: "PUT", path, body }, mergeRequestSchema);
  if (put.kind !== "ok") return put;
  const now = new Set((put.value.reviewers ?? []).map(({ id }) => id));
  return ok([
    ...unasked,
    ...added
      .filter(({ id }) => !now.has(id))
      .map(({ login }) => ({
        name: `user:${login}`,
        message:
          "GitLab did not take them as a reviewer: they may lack access, or one is all it allows.",
      })),
  ]);
}

function refusalOf(found: Account | undefined, author: Account): string | undefined {
  if (found === undefined) return "GitLab knows nobody of that name.";
  return found.id === author.id ? "They wrote the merge request." : undefined;
}

async function findUser(
  client: GitlabClient,
  login: string,
): Promise<VcsResult<Account | undefined>> {
  const query = { username: login };
  const found = await client.call({ method: "GET", path: "/users", query }, userListSchema);
  if (found.kind !== "ok") return found;
  return ok(found.value.find((user) => user.login.toLowerCase() === login.toLowerCase()));
}
