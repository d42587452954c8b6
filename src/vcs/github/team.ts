import type { AccountId } from "../../core/ids.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { membershipSchema, ownerSchema, userSchema } from "./schema.ts";

/** Teams are those of the organisation that owns the repository; a person's own repository has none. */
export async function isTeamMember(
  client: GithubClient,
  repo: RepositoryRef,
  team: string,
  account: AccountId,
): Promise<VcsResult<boolean>> {
  // The owner as it is called now: the name we know may belong to somebody else by now (S15).
  const owned = await client.call(repo, `GET ${repositoryPath("")}`, of(repo), ownerSchema);
  if (owned.kind !== "ok") return owned;
  const { login: org, type } = owned.value.owner;
  if (type !== "Organization") return ok(false);
  const user = await client.call(
    repo,
    "GET /user/{account_id}",
    { account_id: account },
    userSchema,
  );
  if (user.kind === "not_found") return ok(false);
  if (user.kind !== "ok") return user;
  const found = await client.call(
    repo,
    "GET /orgs/{org}/teams/{team_slug}/memberships/{username}",
    { org, team_slug: team.toLowerCase(), username: user.value.login },
    membershipSchema,
  );
  // No such team, or not in it. Without the right to look GitHub says 403, which is no answer.
  if (found.kind === "not_found") return ok(false);
  // Who was invited and has not accepted is `pending`.
  return found.kind === "ok" ? ok(found.value.state === "active") : found;
}
