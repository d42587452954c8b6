import { unreachable } from "../../base/unreachable.ts";
import { type LeftIssue, markedBody, type PlacedIssue, placesOf } from "../../core/run/issue.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import { withoutQuickActions } from "./comment.ts";
import { issueListSchema } from "./schema.ts";

export async function putIssues(
  client: GitlabClient,
  repo: RepositoryRef,
  issues: readonly LeftIssue[],
): Promise<VcsResult<void>> {
  const self = await client.self();
  if (self.kind !== "ok") return self;
  const listed = await client.pages(
    {
      method: "GET",
      path: projectPath(repo, "/issues"),
      query: {
        state: "opened",
        scope: "all",
        author_id: self.value,
        order_by: "created_at",
        sort: "desc",
      },
    },
    issueListSchema,
  );
  if (listed.kind !== "ok") return listed;
  const open = listed.value
    .filter(({ author }) => author?.id === self.value)
    .map(({ iid, description }) => ({ number: iid, body: description }));
  for (const placed of placesOf(issues, open)) {
    const done = await put(client, repo, placed);
    if (done.kind !== "ok") return done;
  }
  return ok(undefined);
}

async function put(
  client: GitlabClient,
  repo: RepositoryRef,
  { issue, place }: PlacedIssue,
): Promise<VcsResult<unknown>> {
  const body = { title: issue.title, description: withoutQuickActions(markedBody(issue)) };
  switch (place.kind) {
    case "open":
      return await client.ask({ method: "POST", path: projectPath(repo, "/issues"), body });
    case "edit": {
      const path = projectPath(repo, `/issues/${place.number}`);
      return await client.ask({ method: "PUT", path, body });
    }
    case "stands":
      return ok(undefined);
    default:
      return unreachable(place);
  }
}
