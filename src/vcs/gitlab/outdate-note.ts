import type { OutdatedComment, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok } from "./client.ts";
import { findNote, markerOf, notesOf } from "./comment.ts";
import { noteSchema } from "./schema.ts";

/** GitLab cannot hide a note, so it is folded: one line is left of it, and whoever opens that reads the rest. */
const FOLD = "<details><summary>Outdated: a newer comment says how it stands now</summary>";

/** Folds our note, or deletes it; twice is fine. */
export async function outdateNote(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  { key, externalId, how }: OutdatedComment,
): Promise<VcsResult<void>> {
  const marker = markerOf(key);
  const found =
    externalId === undefined ? await findNote(client, repo, number, marker.trim()) : ok(externalId);
  if (found.kind !== "ok") return found;
  // Somebody deleted it, or the call that was to write it never got through.
  if (found.value === undefined) return ok(undefined);
  const path = notesOf(repo, number, `/${encodeURIComponent(found.value)}`);
  if (how === "deleted") {
    const gone = await client.ask({ method: "DELETE", path });
    return gone.kind === "ok" || gone.kind === "not_found" ? ok(undefined) : gone;
  }
  const note = await client.call({ method: "GET", path }, noteSchema);
  if (note.kind === "not_found") return ok(undefined);
  if (note.kind !== "ok") return note;
  const { body } = note.value;
  if (body.startsWith(FOLD)) return ok(undefined);
  const text = body.trimEnd();
  const ending = marker.trim();
  const said = text.endsWith(ending) ? text.slice(0, -ending.length).trimEnd() : text;
  const folded = `${FOLD}\n\n${said}\n\n</details>${marker}`;
  const edited = await client.call({ method: "PUT", path, body: { body: folded } }, noteSchema);
  return edited.kind === "ok" || edited.kind === "not_found" ? ok(undefined) : edited;
}
