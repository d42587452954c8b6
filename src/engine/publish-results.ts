import { present } from "../base/assert.ts";
import { renderResult } from "../comment/result.ts";
import { keyOfComment, outstanding, saysOf } from "../core/notify/outstanding.ts";
import {
  type CommentFate,
  resultsOf,
  type WantedComment,
  wantedComments,
} from "../core/notify/wanted-comments.ts";
import type { PendingEffect, StoredPublication } from "../ports/engine-store.ts";
import type { Told } from "../ports/result-store.ts";
import type { CommentDraft, Vcs, VcsFailure } from "../ports/vcs.ts";
import type { EnginePorts } from "./ports.ts";
import { pageUrl } from "./publish.ts";
import { contentHash, doubt, flavourOf, keep, placeOf } from "./published.ts";
import { resultView } from "./result-view.ts";

/**
 * Brings the comments about ended runs in line with what is stored now: writes those that are missing, then takes out of
 * sight what they replace. What is to be there follows from the ended runs alone, so whatever crashed before is made good
 * by the next one that gets here (L40). Nothing is read or written where all is as it should be.
 */
export async function publishResults(
  { pullRequest }: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const told = await ports.store.told(pullRequest.id);
  const known = new Map(told.comments.map((comment) => [comment.key, comment]));
  const states = told.comments.map(
    ({ key, contentHash: says, content }) => [key, { says, state: stateIn(content) }] as const,
  );
  const { write, outdate } = outstanding(wantedComments(told.runs), new Map(states), (says) =>
    contentHash(ports, says),
  );
  let refused: VcsFailure | undefined;
  for (const comment of write) {
    const failed = await writeComment(comment, { pullRequest, told, known }, vcs, ports);
    if (failed?.kind === "unavailable" || failed?.kind === "forbidden") return failed;
    refused ??= failed;
  }
  // What replaces an older comment has to be there first.
  if (refused !== undefined) return refused;
  for (const comment of outdate) {
    const key = keyOfComment(comment);
    const publication = present(known.get(key), "only what is known is outdated");
    const { externalId } = placeOf(publication, told.rememberedSince);
    const { ref } = pullRequest.repository;
    const how = comment.fate;
    const done = await vcs.outdateComment(ref, pullRequest.number, { key, externalId, how });
    if (done.kind === "unavailable" || done.kind === "forbidden") return done;
    if (done.kind === "ok")
      await keep(ports, pullRequest.id, key, { ...publication, content: how });
    else refused ??= done;
  }
  return refused;
}

interface Context extends Pick<PendingEffect, "pullRequest"> {
  readonly told: Told;
  readonly known: ReadonlyMap<string, StoredPublication>;
}

async function writeComment(
  comment: WantedComment,
  { pullRequest, told, known }: Context,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const { id, number, repository } = pullRequest;
  const run = present(
    told.runs.find((one) => one.number === comment.run),
    "the comments follow from the runs",
  );
  const results = await ports.store.results(id, resultsOf(comment));
  const dashboardUrl = pageUrl(ports, repository.id, number);
  const view = resultView(comment, run, results, { number, dashboardUrl });
  const markdown = renderResult(view, flavourOf(vcs));
  const key = keyOfComment(comment);
  const before = known.get(key);
  const { externalId: written } = placeOf(before, told.rememberedSince);
  // What is out of sight stays there however it is edited, so it makes room for a new one.
  const isOutOfSight = before !== undefined && stateIn(before.content) !== SHOWN;
  if (isOutOfSight) {
    const how = "deleted";
    const gone = await vcs.outdateComment(repository.ref, number, {
      key,
      externalId: written,
      how,
    });
    if (gone.kind !== "ok" && gone.kind !== "not_found") return gone;
    await keep(ports, id, key, { externalId: "", contentHash: "", content: how, open: false });
  }
  const externalId = isOutOfSight ? undefined : written;
  const shown = { externalId: externalId ?? "", content: SHOWN, open: false } as const;
  // Whoever comes after an answer that was lost knows that there may be one.
  await doubt(ports, id, key, { ...shown, contentHash: "" });
  const isNew = before === undefined && run.endedAt > told.rememberedSince;
  const place = { externalId, ...(isNew ? { isNew } : {}) };
  const draft: CommentDraft = { key, markdown, ...place, isExtra: true };
  const put = await vcs.putComment(repository.ref, number, draft);
  if (put.kind !== "ok") return put;
  const says = contentHash(ports, saysOf(comment));
  await keep(ports, id, key, { ...shown, externalId: put.value, contentHash: says });
  return undefined;
}

const SHOWN: CommentFate = "shown";

/** What stands in its place of a comment's text, which nobody compares. */
function stateIn(content: string): CommentFate {
  return content === "hidden" || content === "deleted" ? content : SHOWN;
}
