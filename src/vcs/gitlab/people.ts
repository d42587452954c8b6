import type { z } from "zod";
import type { AccountId } from "../../core/ids.ts";
import type { Permission } from "../../core/pull-request.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import { topOf } from "./paths.ts";
import { readProject } from "./project.ts";
import { memberSchema } from "./schema.ts";

type Member = z.infer<typeof memberSchema>;

/** The least access with which one can do what the neutral word says; guests cannot read the code. */
const LEVELS: readonly (readonly [number, Permission])[] = [
  [50, "admin"],
  [40, "maintain"],
  [30, "write"],
  [20, "read"],
];
/** Below this a member only has a seat. */
const GUEST = 10;

/** What the account may do here, by itself, through groups above and through groups that were invited. */
export async function readPermission(
  client: GitlabClient,
  now: () => number,
  repo: RepositoryRef,
  account: AccountId,
): Promise<VcsResult<Permission>> {
  const path = projectPath(repo, `/members/all/${encodeURIComponent(account)}`);
  const member = await client.call({ method: "GET", path }, memberSchema);
  if (member.kind === "not_found") {
    // Nobody's project answers alike.
    const project = await readProject(client, repo);
    return project.kind === "ok" ? ok("none") : project;
  }
  if (member.kind !== "ok") return member;
  if (!isActive(member.value, now())) return ok("none");
  const found = LEVELS.find(([level]) => member.value.access_level >= level);
  return ok(found?.[1] ?? "none");
}

/**
 * A team is a group below the one at the top of the project's path. Only who was put into that very group is in it:
 * whoever is a member further up would be in every team at once.
 */
export async function isTeamMember(
  client: GitlabClient,
  now: () => number,
  repo: RepositoryRef,
  team: string,
  account: AccountId,
): Promise<VcsResult<boolean>> {
  // The path as it is now: the one we know may belong to somebody else by now (S15).
  const project = await readProject(client, repo);
  if (project.kind !== "ok") return project;
  const group = encodeURIComponent(`${topOf(project.value.path_with_namespace)}/${team}`);
  const path = `/groups/${group}/members/${encodeURIComponent(account)}`;
  const member = await client.call({ method: "GET", path }, memberSchema);
  // No such group, or not in it.
  if (member.kind === "not_found") return ok(false);
  if (member.kind !== "ok") return member;
  return ok(member.value.access_level >= GUEST && isActive(member.value, now()));
}

/** Memberships that ended are removed once a day, and blocked people stay members. */
function isActive(member: Member, now: number): boolean {
  if (member.state != null && member.state !== "active") return false;
  if (member.membership_state != null && member.membership_state !== "active") return false;
  return member.expires_at == null || Date.parse(member.expires_at) > now;
}
