import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Instant } from "../../base/brand.ts";
import type { SaidComment } from "../../core/pull-request.ts";
import type { CommentDraft, RepositoryRef, VcsFailure, VcsResult } from "../../ports/vcs.ts";
import type { Weight } from "./budget.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import type { Looked } from "./looked.ts";
import { commentListSchema, commentSchema, saidCommentSchema } from "./schema.ts";

/** GitHub's limit for the whole body. */
const BODY_CHARS_MAX = 65_536;
const COMMENTS = repositoryPath("/issues/{issue_number}/comments");
export const COMMENT = repositoryPath("/issues/comments/{comment_id}");
/** How far behind reads of GitHub may be. */
const REPLICA_LAG_MS = 2_000;

/** Of one length whatever the key is, and nothing in it can end the comment early. */
export function markerOf(key: string): string {
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `\n\n<!-- terrane:${digest} -->`;
}

/** What is left for the text. */
export const COMMENT_CHARS_MAX = BODY_CHARS_MAX - markerOf("").length;

/** Edits our comment of that key, or writes the first one. */
export async function putComment(
  client: GithubClient,
  looked: Looked,
  appId: number,
  repo: RepositoryRef,
  number: number,
  draft: CommentDraft,
): Promise<VcsResult<string>> {
  const marker = markerOf(draft.key);
  const body = `${draft.markdown}${marker}`;
  const weight = draft.isExtra === true ? "extra" : "usual";
  if (draft.externalId !== undefined) {
    const edited = await edit(client, repo, draft.externalId, body, weight);
    // Somebody deleted it: look for another, or write it again.
    if (edited.kind !== "not_found") return edited;
  }
  if (draft.isNew !== true && !looked.hadNoComment(repo, number, draft.firstSince)) {
    const found = await findComment(client, appId, repo, number, marker.trim());
    if (found.kind !== "ok") return found;
    if (found.value !== undefined) return await edit(client, repo, found.value, body, weight);
  }
  const route = `POST ${COMMENTS}`;
  const made = await client.call(
    repo,
    route,
    { ...of(repo), issue_number: number, body },
    commentSchema,
    weight,
  );
  return made.kind === "ok" ? ok(made.value.id) : unlessLocked(made);
}

/** Nobody unlocks it for us, and trying again would not help; the checks say the same. */
function unlessLocked(failure: VcsFailure): VcsFailure {
  if (failure.kind !== "forbidden" || !/locked/i.test(failure.message)) return failure;
  const message = `The conversation of the pull request is locked, so the comment could not be written; the checks say where it stands. Unlock it, then have the pull request looked at again with a push or a command. (${failure.message})`;
  return { kind: "rejected", message };
}

async function edit(
  client: GithubClient,
  repo: RepositoryRef,
  id: string,
  body: string,
  weight: Weight,
): Promise<VcsResult<string>> {
  const route = `PATCH ${COMMENT}`;
  const edited = await client.call(
    repo,
    route,
    { ...of(repo), comment_id: id, body },
    commentSchema,
    weight,
  );
  return edited.kind === "ok" ? ok(edited.value.id) : edited;
}

/** Ours by marker and by author: people quote comments, marker and all. */
export async function findComment(
  client: GithubClient,
  appId: number,
  repo: RepositoryRef,
  number: number,
  marker: string,
): Promise<VcsResult<string | undefined>> {
  const isOurs = (comment: {
    readonly body?: string | null | undefined;
    readonly performed_via_github_app?: { readonly id: string } | null | undefined;
  }) =>
    comment.performed_via_github_app?.id === String(appId) &&
    comment.body?.trimEnd().endsWith(marker) === true;
  const list = await client.pages(
    repo,
    `GET ${COMMENTS}`,
    { ...of(repo), issue_number: number },
    commentListSchema,
    (page) => page.some(isOurs),
  );
  return list.kind === "ok" ? ok(list.value.find(isOurs)?.id) : list;
}

/** The comments of a repository share one row of ids, so the answer has to say where this one stands. */
export async function readComment(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
  comment: string,
): Promise<VcsResult<SaidComment>> {
  const parameters = { ...of(repo), comment_id: comment };
  const look = () => client.call(repo, `GET ${COMMENT}`, parameters, saidCommentSchema);
  let read = await look();
  if (read.kind === "not_found") {
    // The webhook can be faster than the replica that is asked; a command would be lost without a word.
    await setTimeout(REPLICA_LAG_MS);
    read = await look();
  }
  if (read.kind !== "ok") return read;
  const { user: author, body, issue_url: issue, created_at: created } = read.value;
  if (issue.endsWith(`/issues/${number}`)) {
    return ok({ author, body: body ?? "", writtenAt: Date.parse(created) as Instant });
  }
  const message = `The comment ${comment} is not on #${number} of ${repo.fullName}.`;
  return { kind: "not_found", message };
}

/** The same reaction again is answered with the first one. */
export async function acknowledge(
  client: GithubClient,
  repo: RepositoryRef,
  comment: string,
): Promise<VcsResult<void>> {
  const route = `POST ${COMMENT}/reactions`;
  const reacted = await client.send(repo, route, {
    ...of(repo),
    comment_id: comment,
    content: "eyes",
  });
  return reacted.kind === "ok" ? ok(undefined) : reacted;
}
