import { renderSticky } from "../comment/sticky.ts";
import type { CommentView } from "../comment/view.ts";
import type { PendingEffect } from "../ports/engine-store.ts";
import type { Vcs, VcsFailure } from "../ports/vcs.ts";
import { commentView } from "./comment-view.ts";
import { isDue, type Pacer, paceOfComment, progressMsOf } from "./pace.ts";
import type { EnginePorts } from "./ports.ts";
import { publishChecks } from "./publish-checks.ts";
import { publishLabel } from "./publish-label.ts";
import { contentHash, doubt, flavourOf, keep, placeOf, timeless, written } from "./published.ts";

const STICKY_KEY = "terrane";

/**
 * Brings comment and checks in line with what is stored now. Nothing is carried in the effect, so whatever
 * order and however often this runs, the last run shows the truth (L40). What did not change is not sent.
 */
export async function publish(
  pending: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | Rest | undefined> {
  const { pullRequest } = pending;
  const reported = await ports.store.reported(pullRequest.id);
  const { view, queued } = reported?.snapshot.pullRequest ?? {};
  if (reported === undefined || view === undefined) return undefined;
  const page = pageUrl(ports, pullRequest.repository.id, pullRequest.number);
  const shown = commentView(reported, view, page);
  const pacer = {
    begunAt: shown.generatedAt,
    restsUntil: Number.POSITIVE_INFINITY,
    rememberedSince: reported.rememberedSince,
  };
  const commits = { headSha: view.headSha, queued };
  const failed = await publishChecks(shown, commits, pending, vcs, ports, pacer);
  // A forge that cannot be asked now is asked later; one that refuses checks may still take the comment.
  if (failed?.kind === "unavailable") return failed;
  const talked = await publishComment(shown, pending, vcs, ports, pacer);
  if (talked?.kind === "unavailable") return talked;
  const refused = (await publishLabel(shown, pending, vcs, ports)) ?? talked ?? failed;
  if (refused !== undefined || pacer.restsUntil === Number.POSITIVE_INFINITY) return refused;
  return { kind: "rest", pauseMs: Math.max(0, pacer.restsUntil - shown.generatedAt) };
}

/** All that may not wait is shown; the rest comes up again by itself. */
export interface Rest {
  readonly kind: "rest";
  readonly pauseMs: number;
}

export function pageUrl(ports: EnginePorts, repository: string, number: number): string {
  return `${ports.serverUrl()}/repositories/${repository}/pulls/${number}`;
}

async function publishComment(
  shown: CommentView,
  { pullRequest }: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
  pacer: Pacer,
): Promise<VcsFailure | undefined> {
  // A pull request that concerns nobody gets no comment until somebody asks.
  const known = await ports.store.publication(pullRequest.id, STICKY_KEY);
  if (known === undefined && isSilent(shown)) return undefined;
  const flavour = flavourOf(vcs);
  const hash = contentHash(ports, renderSticky(timeless(shown), flavour));
  if (known?.contentHash === hash) return undefined;
  const pace = paceOfComment(shown, written(known), pacer.begunAt, progressMsOf(vcs, ports));
  if (!isDue(pace, shown.generatedAt, pacer)) return undefined;
  const markdown = renderSticky(shown, flavour);
  // Also of the first one: whoever comes after an answer that was lost knows that there may be one.
  const before = {
    externalId: known?.externalId ?? "",
    content: known?.content ?? "",
    open: false,
  };
  await doubt(ports, pullRequest.id, STICKY_KEY, { ...before, contentHash: "" });
  const draft = { key: STICKY_KEY, markdown, ...placeOf(known, pacer.rememberedSince) };
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
