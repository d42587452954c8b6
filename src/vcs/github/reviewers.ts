import type {
  RepositoryRef,
  ReviewersWanted,
  UnaskedReviewer,
  VcsFailure,
  VcsResult,
} from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";

const ROUTE = `POST ${repositoryPath("/pulls/{pull_number}/requested_reviewers")}`;

/** GitHub refuses all of them where it refuses one, so then each is asked for alone. */
export async function askReviewers(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
  wanted: ReviewersWanted,
): Promise<VcsResult<readonly UnaskedReviewer[]>> {
  const all = await ask(client, repo, number, wanted);
  if (all === undefined) return ok([]);
  if (all.kind !== "rejected") return all;
  const each = [
    ...wanted.users.map((login) => ({ name: `user:${login}`, users: [login], teams: [] })),
    ...wanted.teams.map((team) => ({ name: `team:${team}`, users: [], teams: [team] })),
  ];
  const unasked: UnaskedReviewer[] = [];
  for (const { name, ...one } of each) {
    const failure = each.length === 1 ? all : await ask(client, repo, number, one);
    if (failure === undefined) continue;
    if (failure.kind !== "rejected") return failure;
    unasked.push({ name, message: failure.message });
  }
  return ok(unasked);
}

async function ask(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
  { users, teams }: ReviewersWanted,
): Promise<VcsFailure | undefined> {
  const asked = await client.send(repo, ROUTE, {
    ...of(repo),
    pull_number: number,
    reviewers: users,
    team_reviewers: teams,
  });
  return asked.kind === "ok" ? undefined : asked;
}
