import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Instant } from "../../base/brand.ts";
import type { SaidComment } from "../../core/pull-request.ts";
import type { CommentDraft, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, type GitlabResult, ok, projectPath } from "./client.ts";
import { awardListSchema, noteListSchema, noteSchema } from "./schema.ts";

/** GitLab's limit for the whole note. */
const BODY_CHARS_MAX = 1_000_000;
/** How far behind reads of GitLab may be. */
const REPLICA_LAG_MS = 1_000;
const MARKER = /<!-- terrane:[0-9a-f]{32} -->\s*$/;

/** Of one length whatever the key is, and nothing in it can end the comment early. */
export function markerOf(key: string): string {
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `\n\n<!-- terrane:${digest} -->`;
}

/** A text that ends as only ours do: whoever wrote it copied it. */
export function carriesMarker(text: string): boolean {
  return MARKER.test(text);
}

/** What is left for the text: a slash at the beginning of a line costs one character more. */
export const COMMENT_CHARS_MAX = BODY_CHARS_MAX / 2 - markerOf("").length;

const ZERO_WIDTH_SPACE = "\u200B";

/**
 * GitLab carries out what stands after a slash at the beginning of a line, as whoever wrote it: `/merge` in the output
 * of a plan would be our own command. Nothing that is shown changes.
 */
export function withoutQuickActions(text: string): string {
  return text.replaceAll(/^([^\S\n]*)\//gm, `$1${ZERO_WIDTH_SPACE}/`);
}

export const notesOf = (repo: RepositoryRef, number: number, more = ""): string =>
  projectPath(repo, `/merge_requests/${number}/notes${more}`);

/** Edits our note of that key, or writes the first one. */
export async function putComment(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  draft: CommentDraft,
): Promise<VcsResult<string>> {
  const marker = markerOf(draft.key);
  const body = `${withoutQuickActions(draft.markdown)}${marker}`;
  if (draft.externalId !== undefined) {
    const edited = await edit(client, repo, number, draft.externalId, body);
    // Somebody deleted it: look for another, or write it again.
    if (edited.kind !== "not_found") return edited;
  }
  const found: GitlabResult<string | undefined> =
    draft.isNew === true ? ok(undefined) : await findNote(client, repo, number, marker.trim());
  if (found.kind !== "ok") return found;
  if (found.value !== undefined) return await edit(client, repo, number, found.value, body);
  const request = { method: "POST", path: notesOf(repo, number), body: { body } } as const;
  const made = await client.call(request, noteSchema);
  return made.kind === "ok" ? ok(made.value.id) : made;
}

async function edit(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  note: string,
  body: string,
): Promise<VcsResult<string>> {
  const path = notesOf(repo, number, `/${encodeURIComponent(note)}`);
  const edited = await client.call({ method: "PUT", path, body: { body } }, noteSchema);
  return edited.kind === "ok" ? ok(edited.value.id) : edited;
}

/** Ours by marker and by author: people quote comments, marker and all. */
export async function findNote(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  marker: string,
): Promise<VcsResult<string | undefined>> {
  const self = await client.self();
  if (self.kind !== "ok") return self;
  const isOurs = (note: (typeof noteListSchema)["_output"][number]) =>
    note.author.id === self.value && note.body.trimEnd().endsWith(marker);
  const list = await client.pages(
    {
      method: "GET",
      path: notesOf(repo, number),
      query: { sort: "asc", order_by: "created_at", activity_filter: "only_comments" },
    },
    noteListSchema,
    (page) => page.some(isOurs),
  );
  return list.kind === "ok" ? ok(list.value.find(isOurs)?.id) : list;
}

export async function readComment(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  note: string,
): Promise<VcsResult<SaidComment>> {
  const path = notesOf(repo, number, `/${encodeURIComponent(note)}`);
  const look = () => client.call({ method: "GET", path }, noteSchema);
  let read = await look();
  if (read.kind === "not_found") {
    // The webhook can be faster than the replica that is asked; a command would be lost without a word.
    await setTimeout(REPLICA_LAG_MS);
    read = await look();
  }
  if (read.kind !== "ok") return read;
  const { author, body, system, created_at: at } = read.value;
  if (system !== true) return ok({ author, body, ...writtenAt(at) });
  return { kind: "not_found", message: `The note ${note} is GitLab's own, and nobody's comment.` };
}

function writtenAt(text: string): Pick<SaidComment, "writtenAt"> {
  const at = Date.parse(text);
  return Number.isFinite(at) ? { writtenAt: at as Instant } : {};
}

const EMOJI = "eyes";

/** The same emoji again is answered with 404, as a note that is not there is. */
export async function acknowledge(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  note: string,
): Promise<VcsResult<void>> {
  const path = notesOf(repo, number, `/${encodeURIComponent(note)}/award_emoji`);
  const awarded = await client.ask({ method: "POST", path, body: { name: EMOJI } });
  if (awarded.kind === "ok") return ok(undefined);
  if (awarded.kind !== "not_found") return awarded;
  const stands = await isAwarded(client, path);
  if (stands.kind !== "ok") return stands;
  return stands.value ? ok(undefined) : awarded;
}

async function isAwarded(client: GitlabClient, path: string): Promise<GitlabResult<boolean>> {
  const self = await client.self();
  if (self.kind !== "ok") return self;
  const awards = await client.pages({ method: "GET", path }, awardListSchema);
  if (awards.kind !== "ok") return awards;
  return ok(awards.value.some(({ name, user }) => name === EMOJI && user.id === self.value));
}
