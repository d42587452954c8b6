import { simplePull } from "../shapes/pull.ts";
import { issueComment, issueOf, reviewShape } from "../shapes/talk.ts";
import { invalid, notFound, WireError } from "../wire-error.ts";
import type { Account, Comment, Pull, Reaction, Repository, Review, World } from "../world.ts";
import { emit } from "./emit.ts";

/** GitHub refuses longer comments with 422. */
export const COMMENT_CHARS_MAX = 65_536;

export function createComment(
  world: World,
  repo: Repository,
  number: number,
  author: Account,
  body: string,
  viaApp: boolean,
): Comment {
  const pull = repo.pulls.get(number);
  if (pull === undefined) throw notFound();
  checkBody(body);
  const now = world.now();
  const comment: Comment = {
    id: world.nextId(),
    number,
    author,
    viaApp,
    body,
    minimized: undefined,
    reactions: [],
    createdAt: now,
    updatedAt: now,
  };
  repo.comments.set(comment.id, comment);
  emitComment(world, repo, pull, comment, "created", author);
  return comment;
}

export function editComment(
  world: World,
  repo: Repository,
  comment: Comment,
  by: Account,
  body: string,
): void {
  checkBody(body);
  const from = comment.body;
  comment.body = body;
  comment.updatedAt = world.now();
  const pull = repo.pulls.get(comment.number);
  if (pull === undefined) return;
  emitComment(world, repo, pull, comment, "edited", by, { changes: { body: { from } } });
}

export function deleteComment(world: World, repo: Repository, comment: Comment, by: Account): void {
  repo.comments.delete(comment.id);
  const pull = repo.pulls.get(comment.number);
  if (pull !== undefined) emitComment(world, repo, pull, comment, "deleted", by);
}

function checkBody(body: string): void {
  if (body.trim() === "")
    throw invalid("IssueComment", "data", "unprocessable", "Body cannot be blank");
  if ([...body].length > COMMENT_CHARS_MAX) {
    throw invalid(
      "IssueComment",
      "body",
      "custom",
      `body is too long (maximum is ${COMMENT_CHARS_MAX} characters)`,
    );
  }
}

function emitComment(
  world: World,
  repo: Repository,
  pull: Pull,
  comment: Comment,
  action: string,
  by: Account,
  more: Readonly<Record<string, unknown>> = {},
): void {
  emit(world, repo, "issue_comment", by, {
    action,
    ...more,
    issue: issueOf(world, pull),
    comment: issueComment(world, repo, comment),
  });
}

/** The same reaction of the same account again changes nothing. */
export function react(
  world: World,
  comment: Comment,
  author: Account,
  content: string,
): { readonly reaction: Reaction; readonly fresh: boolean } {
  const old = comment.reactions.find((r) => r.author.id === author.id && r.content === content);
  if (old !== undefined) return { reaction: old, fresh: false };
  const reaction: Reaction = { id: world.nextId(), author, content, createdAt: world.now() };
  comment.reactions.push(reaction);
  return { reaction, fresh: true };
}

export type ReviewEvent = "APPROVE" | "REQUEST_CHANGES" | "COMMENT";

const REVIEW_STATE = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
} as const;

export function submitReview(
  world: World,
  pull: Pull,
  author: Account,
  wish: { readonly event: ReviewEvent; readonly body: string; readonly commit: string | undefined },
): Review {
  if (author.id === pull.author.id && wish.event !== "COMMENT") {
    const what = wish.event === "APPROVE" ? "approve" : "request changes on";
    throw new WireError(422, "Unprocessable Entity", {
      errors: [`Can not ${what} your own pull request`],
    });
  }
  if (wish.body === "" && wish.event !== "APPROVE") {
    throw new WireError(422, "Unprocessable Entity", { errors: ["Body can't be blank"] });
  }
  const review: Review = {
    id: world.nextId(),
    author,
    state: REVIEW_STATE[wish.event],
    body: wish.body,
    commit: wish.commit ?? pull.head.sha,
    submittedAt: world.now(),
  };
  pull.reviews.push(review);
  const asked = pull.requestedReviewers.findIndex((one) => one.id === author.id);
  // Whoever was asked has answered.
  if (asked >= 0 && wish.event !== "COMMENT") pull.requestedReviewers.splice(asked, 1);
  emitReview(world, pull, review, "submitted", author);
  return review;
}

export function dismissReview(world: World, pull: Pull, review: Review, by: Account): void {
  if (review.state !== "APPROVED" && review.state !== "CHANGES_REQUESTED") {
    throw new WireError(422, "Unprocessable Entity", {
      errors: ["Can not dismiss a commented pull request review"],
    });
  }
  review.state = "DISMISSED";
  emitReview(world, pull, review, "dismissed", by);
}

function emitReview(world: World, pull: Pull, review: Review, action: string, by: Account): void {
  emit(world, pull.repository, "pull_request_review", by, {
    action,
    review: { ...reviewShape(world, pull, review), state: review.state.toLowerCase() },
    pull_request: simplePull(world, pull),
  });
}
