import { unreachable } from "../../base/unreachable.ts";
import { type LeftIssue, markedBody, type PlacedIssue, placesOf } from "../../core/run/issue.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { type IssueEntry, issueListSchema, issueSchema } from "./schema.ts";

const ISSUES = repositoryPath("/issues");
const ISSUE = repositoryPath("/issues/{issue_number}");

/**
 * All open issues are looked at, and not only those that GitHub says this app created: a search by creator has been seen to
 * give an app nothing at all.
 */
export async function putIssues(
  client: GithubClient,
  appId: number,
  repo: RepositoryRef,
  issues: readonly LeftIssue[],
): Promise<VcsResult<void>> {
  const parameters = { ...of(repo), state: "open", sort: "created", direction: "desc" };
  const listed = await client.pages(repo, `GET ${ISSUES}`, parameters, issueListSchema);
  if (listed.kind !== "ok") return listed;
  const open = listed.value
    .filter((entry) => isOurs(entry, appId))
    .map(({ number, body }) => ({ number, body }));
  for (const placed of placesOf(issues, open)) {
    const done = await put(client, repo, placed);
    if (done.kind !== "ok") return done;
  }
  return ok(undefined);
}

/** People quote issues, marker and all. GitHub does not name the app behind every issue, but always that it was a bot. */
function isOurs(entry: IssueEntry, appId: number): boolean {
  if (entry.pull_request !== undefined) return false;
  const app = entry.performed_via_github_app;
  return app === null || app === undefined ? entry.user?.type === "Bot" : app.id === String(appId);
}

async function put(
  client: GithubClient,
  repo: RepositoryRef,
  { issue, place }: PlacedIssue,
): Promise<VcsResult<unknown>> {
  const { title } = issue;
  switch (place.kind) {
    case "open": {
      const parameters = { ...of(repo), title, body: markedBody(issue) };
      return await client.call(repo, `POST ${ISSUES}`, parameters, issueSchema);
    }
    case "edit": {
      const { number } = place;
      const parameters = { ...of(repo), issue_number: number, title, body: markedBody(issue) };
      return await client.call(repo, `PATCH ${ISSUE}`, parameters, issueSchema);
    }
    case "stands":
      return ok(undefined);
    default:
      return unreachable(place);
  }
}
