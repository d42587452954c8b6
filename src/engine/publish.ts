import { renderSticky } from "../comment/sticky.ts";
import type { CommentView } from "../comment/view.ts";
import type { PendingEffect } from "../ports/engine-store.ts";
import type { Vcs, VcsFailure } from "../ports/vcs.ts";
import { commentView } from "./comment-view.ts";
import type { EnginePorts } from "./ports.ts";
import { publishChecks } from "./publish-checks.ts";
import { contentHash, doubt, flavourOf, keep, timeless } from "./published.ts";

const STICKY_KEY = "terrane";

/**
 * Brings comment and checks in line with what is stored now. Nothing is carried in the effect, so whatever
 * order and however often this runs, the last run shows the truth (L40). What did not change is not sent.
 */
export async function publish(
  pending: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const { pullRequest } = pending;
  const reported = await ports.store.reported(pullRequest.id);
  const { view, queued } = reported?.snapshot.pullRequest ?? {};
  if (reported === undefined || view === undefined) return undefined;
  const page = pageUrl(ports, pullRequest.repository.id, pullRequest.number);
  const shown = commentView(reported, view, page);
  const failed = await publishChecks(shown, { headSha: view.headSha, queued }, pending, vcs, ports);
  // A forge that cannot be asked now is asked later; one that refuses checks may still take the comment.
  if (failed?.kind === "unavailable") return failed;
  return (await publishComment(shown, pending, vcs, ports)) ?? failed;
}

export function pageUrl(ports: EnginePorts, repository: string, number: number): string {
  return `${ports.serverUrl()}/repositories/${repository}/pulls/${number}`;
}

async function publishComment(
  shown: CommentView,
  { pullRequest }: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  // A pull request that concerns nobody gets no comment until somebody asks.
  const known = await ports.store.publication(pullRequest.id, STICKY_KEY);
  if (known === undefined && isSilent(shown)) return undefined;
  const flavour = flavourOf(vcs);
  const hash = contentHash(ports, renderSticky(timeless(shown), flavour));
  if (known?.contentHash === hash) return undefined;
  const markdown = renderSticky(shown, flavour);
  if (known !== undefined) await doubt(ports, pullRequest.id, STICKY_KEY, known);
  const draft = { key: STICKY_KEY, markdown, externalId: known?.externalId };
  const put = await vcs.putComment(pullRequest.repository.ref, pullRequest.number, draft);
  if (put.kind !== "ok") return put;
  await keep(ports, pullRequest.id, STICKY_KEY, {
    externalId: put.value,
    contentHash: hash,
    content: markdown,
    open: false,
  });
  return undefined;
}

function isSilent(shown: CommentView): boolean {
  return (
    shown.dirspaces.length === 0 &&
    shown.notice === undefined &&
    shown.deletedDirs.length === 0 &&
    shown.diagnostics.length === 0
  );
}
