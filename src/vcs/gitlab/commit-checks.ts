import type { CommitSha } from "../../core/ids.ts";
import type { CommitCheck } from "../../core/pull-request.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import { type StatusData, statusListSchema } from "./schema.ts";

/** Statuses of others and jobs of pipelines: GitLab keeps both in one list. */
export async function readChecks(
  client: GitlabClient,
  repo: RepositoryRef,
  commit: CommitSha,
): Promise<VcsResult<readonly CommitCheck[]>> {
  const self = await client.self();
  if (self.kind !== "ok") return self;
  const path = projectPath(repo, `/repository/commits/${commit}/statuses`);
  const list = await client.pages({ method: "GET", path }, statusListSchema);
  if (list.kind !== "ok") return list;
  // Several pipelines of one commit have jobs of the same name: of each the newest counts.
  const latest = new Map<string, StatusData>();
  for (const status of list.value) {
    if (status.author?.id === self.value) continue;
    const known = latest.get(status.name);
    if (known === undefined || BigInt(known.id) < BigInt(status.id))
      latest.set(status.name, status);
  }
  return ok([...latest.values()].map((one) => ({ name: one.name, state: stateOf(one) })));
}

/** What GitLab itself does not hold a merge back for has passed. */
function stateOf({ status, allow_failure: mayFail }: StatusData): CommitCheck["state"] {
  switch (status) {
    case "success":
    case "skipped":
      return "passed";
    case "failed":
    case "canceled":
      return mayFail === true ? "passed" : "failed";
    case "manual":
      return mayFail === true ? "passed" : "pending";
    default:
      return "pending";
  }
}
