import { present } from "../base/assert.ts";
import type { Instant } from "../base/brand.ts";
import { type CheckText, renderChecks } from "../comment/checks.ts";
import type { Flavour } from "../comment/flavour.ts";
import { renderSticky } from "../comment/sticky.ts";
import type { CommentView } from "../comment/view.ts";
import type { CommitSha } from "../core/ids.ts";
import type { PendingEffect, Publication } from "../ports/engine-store.ts";
import type { Vcs, VcsFailure } from "../ports/vcs.ts";
import { commentView } from "./comment-view.ts";
import type { EnginePorts } from "./ports.ts";

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
  const view = reported?.snapshot.pullRequest.view;
  if (reported === undefined || view === undefined) return undefined;
  const page = pageUrl(ports, pullRequest.repository.id, pullRequest.number);
  const shown = commentView(reported, view, page);
  const failed = await publishChecks(shown, view.headSha, pending, vcs, ports);
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
  await doubt(ports, pullRequest.id, STICKY_KEY, known);
  const draft = { key: STICKY_KEY, markdown, externalId: known?.externalId };
  const put = await vcs.putComment(pullRequest.repository.ref, pullRequest.number, draft);
  if (put.kind !== "ok") return put;
  await keep(ports, pullRequest.id, STICKY_KEY, {
    externalId: put.value,
    contentHash: hash,
    content: markdown,
  });
  return undefined;
}

function flavourOf(vcs: Vcs): Flavour {
  return { commentCharsMax: vcs.commentCharsMax, numberSign: vcs.numberSign };
}

/** The time of rendering is no news: what is compared is rendered without it. */
function timeless(shown: CommentView): CommentView {
  return { ...shown, generatedAt: 0 as Instant };
}

function isSilent(shown: CommentView): boolean {
  return (
    shown.dirspaces.length === 0 &&
    shown.notice === undefined &&
    shown.deletedDirs.length === 0 &&
    shown.diagnostics.length === 0
  );
}

async function publishChecks(
  shown: CommentView,
  commit: CommitSha,
  { pullRequest }: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const flavour = flavourOf(vcs);
  // Made when it is known that one of them is new: mostly none is.
  let checks: readonly CheckText[] | undefined;
  for (const [index, compared] of renderChecks(timeless(shown), flavour).entries()) {
    const key = `check:${compared.name}:${commit}`;
    const hash = contentHash(ports, JSON.stringify(compared));
    const known = await ports.store.publication(pullRequest.id, key);
    if (known?.contentHash === hash) continue;
    checks ??= renderChecks(shown, flavour);
    const check = present(checks[index], "the time of rendering adds no check");
    const content = JSON.stringify(check);
    await doubt(ports, pullRequest.id, key, known);
    const draft = {
      ...check,
      commit,
      number: pullRequest.number,
      detailsUrl: shown.dashboardUrl,
      externalId: known?.externalId,
    };
    const put = await vcs.putCheck(pullRequest.repository.ref, draft);
    if (put.kind !== "ok") return put;
    await keep(ports, pullRequest.id, key, { externalId: put.value, contentHash: hash, content });
  }
  return undefined;
}

/**
 * Until the answer is stored nobody knows what is shown. Without this, an edit whose answer was lost would stay when
 * what is to be shown became again what it was before it (L40).
 */
async function doubt(
  ports: EnginePorts,
  pullRequest: PendingEffect["pullRequest"]["id"],
  key: string,
  known: Publication | undefined,
): Promise<void> {
  if (known !== undefined) await keep(ports, pullRequest, key, { ...known, contentHash: "" });
}

function contentHash(ports: EnginePorts, text: string): string {
  return Buffer.from(ports.secrets.sha256(Buffer.from(text, "utf8"))).toString("hex");
}

async function keep(
  ports: EnginePorts,
  pullRequest: PendingEffect["pullRequest"]["id"],
  key: string,
  publication: Publication,
): Promise<void> {
  await ports.store.keepPublication(pullRequest, key, publication);
}
