import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { requestedReviewersSchema, reviewDecisionSchema } from "./schema.ts";

/** By node id and not by name: a name can be taken over by somebody else (S15). */
const DECISION = "query ($id: ID!) { node(id: $id) { ... on PullRequest { reviewDecision } } }";

/**
 * What the branch's rules still want, code owners included. Where the branch has no rules, who was asked for a
 * review and has not given one.
 */
export async function readOpenReviews(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
): Promise<VcsResult<readonly string[]>> {
  const pull = await client.call(
    repo,
    `GET ${repositoryPath("/pulls/{pull_number}")}`,
    { ...of(repo), pull_number: number },
    requestedReviewersSchema,
  );
  if (pull.kind !== "ok") return pull;
  const { node_id: id, requested_reviewers: people, requested_teams: teams } = pull.value;
  const answered = await client.query(repo, DECISION, { id }, reviewDecisionSchema);
  if (answered.kind !== "ok") return answered;
  const asked = [
    ...(people ?? []).map((person) => person.login),
    ...(teams ?? []).map((team) => `team ${team.slug}`),
  ];
  switch (answered.value.data.node.reviewDecision) {
    case "APPROVED":
      return ok([]);
    case null:
      return ok(asked);
    case "CHANGES_REQUESTED":
      return ok(asked.length > 0 ? asked : ["a reviewer who wants changes"]);
    default:
      return ok(asked.length > 0 ? asked : ["a review that the branch's rules want"]);
  }
}
