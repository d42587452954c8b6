import { invalid } from "../wire-error.ts";
import type { Account, Issue, Repository, World } from "../world.ts";
import { COMMENT_CHARS_MAX } from "./talk.ts";

export function createIssue(
  world: World,
  repo: Repository,
  author: Account,
  wish: Pick<Issue, "title" | "body" | "viaApp">,
): Issue {
  checkIssue(wish);
  const now = world.now();
  const issue: Issue = {
    id: world.nextId(),
    number: repo.nextNumber,
    repository: repo,
    state: "open",
    author,
    createdAt: now,
    updatedAt: now,
    closedAt: undefined,
    ...wish,
  };
  repo.nextNumber += 1;
  repo.issues.set(issue.number, issue);
  return issue;
}

export function editIssue(
  world: World,
  issue: Issue,
  change: Partial<Pick<Issue, "title" | "body" | "state">>,
): void {
  checkIssue({ title: issue.title, body: issue.body, ...change });
  Object.assign(issue, change);
  issue.updatedAt = world.now();
  issue.closedAt = issue.state === "closed" ? world.now() : undefined;
}

function checkIssue({ title, body }: Pick<Issue, "title" | "body">): void {
  if (title.trim() === "") throw invalid("Issue", "title", "missing_field", "title is missing");
  if ([...(body ?? "")].length > COMMENT_CHARS_MAX) {
    const message = `body is too long (maximum is ${COMMENT_CHARS_MAX} characters)`;
    throw invalid("Issue", "body", "custom", message);
  }
}
