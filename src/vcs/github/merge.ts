import type { CommitSha } from "../../core/ids.ts";
import type { MergeRequest, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { readPull } from "./pull-request.ts";
import { mergeSchema } from "./schema.ts";

/** Another merge came between; GitHub itself says to try again. */
const RACED_MS = 1_000;

/** Merges exactly this head; what is merged already counts as done. */
export async function mergePull(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
  { head, method }: MergeRequest,
): Promise<VcsResult<CommitSha>> {
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
  const route = `PUT ${repositoryPath("/pulls/{pull_number}/merge")}`;
  const wanted = { ...of(repo), pull_number: number, sha: head, merge_method: method };
  const done = await client.call(repo, route, wanted, mergeSchema);
  if (done.kind === "rejected" && /base branch was modified/i.test(done.message)) {
    return { kind: "unavailable", message: done.message, retryAfterMs: RACED_MS };
  }
  return done.kind === "ok" ? ok(done.value.sha) : done;
}
