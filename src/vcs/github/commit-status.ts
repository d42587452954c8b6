import { truncateEnd } from "../../base/text.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { CheckDraft, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { commitStatusSchema } from "./schema.ts";

const DESCRIPTION_CHARS_MAX = 140;

/**
 * The older kind of checks: GitHub keeps every one that is written, up to 1,000 of a name on a commit, and shows the last
 * (https://docs.github.com/rest/commits/statuses).
 */
export async function putStatus(
  client: GithubClient,
  repo: RepositoryRef,
  draft: CheckDraft,
): Promise<VcsResult<string>> {
  const route = `POST ${repositoryPath("/statuses/{sha}")}`;
  const status = {
    sha: draft.commit,
    state: stateOf(draft),
    context: draft.name,
    description: truncateEnd(draft.title, DESCRIPTION_CHARS_MAX),
    ...(draft.detailsUrl === undefined ? {} : { target_url: draft.detailsUrl }),
  };
  const made = await client.call(repo, route, { ...of(repo), ...status }, commitStatusSchema);
  return made.kind === "ok" ? ok(made.value.id) : made;
}

/** Neutral has no state of its own; what waits for a person holds the merge back. */
function stateOf({ status, conclusion = "neutral" }: CheckDraft) {
  if (status !== "completed") return "pending";
  switch (conclusion) {
    case "success":
    case "neutral":
      return "success";
    case "failure":
    case "action_required":
      return "failure";
    case "cancelled":
      return "error";
    default:
      return unreachable(conclusion);
  }
}
