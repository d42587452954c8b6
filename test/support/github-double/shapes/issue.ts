import { utc } from "../git-read.ts";
import type { Json } from "../spec/description.ts";
import { fullName, type Issue, nodeId, type World } from "../world.ts";
import { simpleUser } from "./account.ts";
import { appShape } from "./app.ts";
import { association } from "./pull.ts";
import { repositoryUrl } from "./repository.ts";
import { reactionSummary } from "./talk.ts";

export function issueShape(world: World, issue: Issue): Json {
  const { repository: repo } = issue;
  const url = `${repositoryUrl(world, repo)}/issues/${issue.number}`;
  return {
    id: issue.id,
    node_id: nodeId("I", issue.id),
    number: issue.number,
    url,
    repository_url: repositoryUrl(world, repo),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${world.origin}/${fullName(repo)}/issues/${issue.number}`,
    title: issue.title,
    body: issue.body,
    user: simpleUser(world, issue.author),
    labels: [],
    state: issue.state,
    locked: false,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: 0,
    created_at: utc(issue.createdAt),
    updated_at: utc(issue.updatedAt),
    closed_at: issue.closedAt === undefined ? null : utc(issue.closedAt),
    author_association: association(world, repo, issue.author),
    reactions: reactionSummary(url, []),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: issue.viaApp ? appShape(world) : null,
    state_reason: null,
  };
}
