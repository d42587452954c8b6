import { present } from "../../base/assert.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { MergeRequest, RepositoryRef, VcsFailure, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { readPull } from "./pull-request.ts";
import { mergeSchema } from "./schema.ts";

/** Another merge came between; GitHub itself says to try again. */
const RACED_MS = 1_000;

/** Checks of others take their time; nothing tells when the last of them has ended. */
const CHECKS_OPEN = /required status check.*(expected|pending|progress|queued|waiting)/i;
const CHECKS_OPEN_MS = 15_000;

/** Merges exactly this head; what is merged already counts as done. */
export async function mergePull(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
  request: MergeRequest,
): Promise<VcsResult<CommitSha>> {
  const { head, method } = request;
  const pull = await readPull(client, repo, number);
  if (pull.kind !== "ok") return pull;
  const { merged, merge_commit_sha: mergeSha, state, head: now } = pull.value;
  if (merged && mergeSha !== null) return ok(mergeSha);
  if (state === "closed") {
    return {
      kind: "rejected",
      message: `Pull request #${number} is closed. Reopen it to merge it.`,
    };
  }
  if (now.sha !== head) {
    const message = `Pull request #${number} is at ${now.sha} now, not at ${head}. Plan and apply what was pushed since.`;
    return { kind: "rejected", message };
  }
  const methods = method === "auto" ? AUTO : [method];
  let refused: VcsFailure | undefined;
  for (const one of methods) {
    const done = await put(client, repo, number, request, one);
    if (done.kind !== "rejected") return done;
    // The first says what is wrong, the others that they are not allowed either.
    refused = refused === undefined || isMethodRefused(refused) ? done : refused;
    if (!isMethodRefused(done)) break;
  }
  const failure = present(refused, "some method was tried");
  const byQueue = failure.kind === "rejected" && BY_QUEUE.test(failure.message);
  return byQueue ? { ...failure, byQueue } : failure;
}

/** Rules and the older protection of branches say it in different sentences. */
const BY_QUEUE = /merge queue/i;

/** In the order in which one of them is taken where nobody chose. */
const AUTO = ["merge", "squash", "rebase"] as const;

/** The repository, or the rules of its branch, do not allow this method, and may allow another one. */
function isMethodRefused({ message }: VcsFailure): boolean {
  return /merge commits|merge method|squash merg|rebase merg|linear history/i.test(message);
}

async function put(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
  { head, title }: MergeRequest,
  method: "merge" | "squash" | "rebase",
): Promise<VcsResult<CommitSha>> {
  const route = `PUT ${repositoryPath("/pulls/{pull_number}/merge")}`;
  const wanted = {
    ...of(repo),
    pull_number: number,
    sha: head,
    merge_method: method,
    ...(title === undefined || method === "rebase" ? {} : { commit_title: title }),
  };
  const done = await client.call(repo, route, wanted, mergeSchema);
  if (done.kind === "rejected" && /base branch was modified/i.test(done.message)) {
    return { kind: "unavailable", message: done.message, retryAfterMs: RACED_MS };
  }
  if (done.kind === "rejected" && CHECKS_OPEN.test(done.message)) {
    return { kind: "unavailable", message: done.message, retryAfterMs: CHECKS_OPEN_MS };
  }
  return done.kind === "ok" ? ok(done.value.sha) : done;
}
