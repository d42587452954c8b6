import { utc } from "../git-read.ts";
import type { Json } from "../spec/description.ts";
import {
  type Comment,
  fullName,
  nodeId,
  type Pull,
  type Reaction,
  type Repository,
  type Review,
  type World,
} from "../world.ts";
import { simpleUser } from "./account.ts";
import { appShape } from "./app.ts";
import { association, label } from "./pull.ts";
import { repositoryUrl } from "./repository.ts";

const REACTIONS = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"] as const;

export function reactionSummary(url: string, reactions: readonly Reaction[]): Json {
  return {
    url: `${url}/reactions`,
    total_count: reactions.length,
    ...Object.fromEntries(
      REACTIONS.map((content) => [content, reactions.filter((r) => r.content === content).length]),
    ),
  };
}

export function issueComment(world: World, repo: Repository, comment: Comment): Json {
  const url = `${repositoryUrl(world, repo)}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    url,
    html_url: `${world.origin}/${fullName(repo)}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${repositoryUrl(world, repo)}/issues/${comment.number}`,
    user: simpleUser(world, comment.author),
    author_association: association(world, repo, comment.author),
    created_at: utc(comment.createdAt),
    updated_at: utc(comment.updatedAt),
    body: comment.body,
    reactions: reactionSummary(url, comment.reactions),
    performed_via_github_app: comment.viaApp ? appShape(world) : null,
  };
}

export function reactionShape(world: World, reaction: Reaction): Json {
  return {
    id: reaction.id,
    node_id: nodeId("REA", reaction.id),
    user: simpleUser(world, reaction.author),
    content: reaction.content,
    created_at: utc(reaction.createdAt),
  };
}

/** A pull request seen as an issue: `pull_request` is what tells it from one. */
export function issueOf(world: World, pull: Pull): Json {
  const repo = pull.repository;
  const url = `${repositoryUrl(world, repo)}/issues/${pull.number}`;
  const html = `${world.origin}/${fullName(repo)}/pull/${pull.number}`;
  return {
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    number: pull.number,
    url,
    repository_url: repositoryUrl(world, repo),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    title: pull.title,
    body: pull.body,
    user: simpleUser(world, pull.author),
    labels: pull.labels.map((name) => label(world, repo, name)),
    state: pull.state,
    locked: false,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: [...repo.comments.values()].filter((c) => c.number === pull.number).length,
    created_at: utc(pull.createdAt),
    updated_at: utc(pull.updatedAt),
    closed_at: pull.closedAt === undefined ? null : utc(pull.closedAt),
    author_association: association(world, repo, pull.author),
    draft: pull.draft,
    reactions: reactionSummary(url, []),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: null,
    pull_request: {
      url: `${repositoryUrl(world, repo)}/pulls/${pull.number}`,
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      merged_at: pull.merged === undefined ? null : utc(pull.merged.at),
    },
  };
}

export function reviewShape(world: World, pull: Pull, review: Review): Json {
  const html = `${world.origin}/${fullName(pull.repository)}/pull/${pull.number}#pullrequestreview-${review.id}`;
  const pullUrl = `${repositoryUrl(world, pull.repository)}/pulls/${pull.number}`;
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    user: simpleUser(world, review.author),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pullUrl,
    author_association: association(world, pull.repository, review.author),
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
    submitted_at: utc(review.submittedAt),
    commit_id: review.commit,
  };
}
