import { present } from "../base/assert.ts";
import type { Instant } from "../base/brand.ts";
import { type CheckText, checkOfOldHead, renderChecks } from "../comment/checks.ts";
import { renderGroupChecks } from "../comment/group-checks.ts";
import type { CommentView } from "../comment/view.ts";
import { type CommitSha, parseCommitSha } from "../core/ids.ts";
import type { QueuedGroup } from "../core/merge/queued-group.ts";
import type { PendingEffect } from "../ports/engine-store.ts";
import type { Vcs, VcsFailure } from "../ports/vcs.ts";
import { isDue, type Pacer, paceOfCheck, progressMsOf } from "./pace.ts";
import type { EnginePorts } from "./ports.ts";
import { contentHash, doubt, flavourOf, keep, placeOf, timeless, written } from "./published.ts";

/**
 * Shows how the head stands, and ends what was left open of older ones: whatever waits for a check never waits for ever.
 */
export async function publishChecks(
  shown: CommentView,
  {
    headSha: commit,
    queued,
  }: { readonly headSha: CommitSha; readonly queued: QueuedGroup | undefined },
  pending: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
  pacer: Pacer,
): Promise<VcsFailure | undefined> {
  const flavour = flavourOf(vcs);
  const put = (check: () => CheckText, compared: CheckText, of: CommitSha, paced = false) => {
    const { rememberedSince } = pacer;
    const what = { check, compared, commit: of, detailsUrl: shown.dashboardUrl, rememberedSince };
    return putCheck(paced ? { ...what, shown, pacer } : what, pending, vcs, ports);
  };
  // Made when it is known that one of them is new: mostly none is.
  let checks: readonly CheckText[] | undefined;
  for (const [index, compared] of renderChecks(timeless(shown), flavour).entries()) {
    const current = (): CheckText => {
      checks ??= renderChecks(shown, flavour);
      return present(checks[index], "the time of rendering adds no check");
    };
    const failed = await put(current, compared, commit, true);
    if (failed !== undefined) return failed;
  }
  // What it concluded stays with what became of it; only what was left open is ended.
  const group = queued?.verdict.kind === "over" ? undefined : queued;
  if (group !== undefined) {
    for (const check of renderGroupChecks(group, `${vcs.numberSign}${shown.number}`)) {
      const failed = await put(() => check, check, group.head);
      if (failed?.kind === "unavailable") return failed;
    }
  }
  let refused: VcsFailure | undefined;
  for (const { key } of await ports.store.openPublications(pending.pullRequest.id)) {
    const old = checkIn(key);
    if (old === undefined || old.commit === commit || old.commit === group?.head) continue;
    const over = checkOfOldHead(old.name, commit);
    const failed = await put(() => over, over, old.commit);
    if (failed?.kind === "unavailable") return failed;
    // It stays open until we are allowed to end it.
    if (failed?.kind === "forbidden") refused = failed;
  }
  return refused;
}

interface Put {
  readonly check: () => CheckText;
  /** The same without the time of rendering. */
  readonly compared: CheckText;
  readonly commit: CommitSha;
  readonly detailsUrl: string | undefined;
  readonly rememberedSince: Instant;
  /** Those of the head: what only shows that work goes on may wait. */
  readonly shown?: CommentView;
  readonly pacer?: Pacer;
}

async function putCheck(
  { check, compared, commit, detailsUrl, rememberedSince, shown, pacer }: Put,
  { pullRequest: { id, number, repository } }: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const key = keyOf(compared.name, commit);
  const hash = contentHash(ports, JSON.stringify(compared));
  const known = await ports.store.publication(id, key);
  if (pacer !== undefined && known !== undefined && known.at < pacer.begunAt) {
    pacer.begunAt = known.at;
  }
  if (known?.contentHash === hash) return undefined;
  if (shown !== undefined && pacer !== undefined) {
    const pace = paceOfCheck(compared, written(known), shown, progressMsOf(vcs, ports));
    if (!isDue(pace, shown.generatedAt, pacer)) return undefined;
  }
  const text = check();
  const content = JSON.stringify(text);
  const open = text.status !== "completed";
  // Also of the first one: should its answer be lost, it has to be ended all the same.
  const before = { externalId: known?.externalId ?? "", contentHash: "", content, open: true };
  await doubt(ports, id, key, before);
  const draft = { ...text, commit, number, detailsUrl, ...placeOf(known, rememberedSince) };
  const put = await vcs.putCheck(repository.ref, draft);
  if (put.kind === "ok") {
    await keep(ports, id, key, { externalId: put.value, contentHash: hash, content, open });
    return undefined;
  }
  // Of a commit that the forge does not know any more there is nothing to end; what it forbids may be allowed later.
  const isGone = put.kind === "not_found" || put.kind === "rejected";
  if (isGone && !open) await keep(ports, id, key, { ...before, open: false });
  return put;
}

const CHECK_KEY = /^check:(terrane plan|terrane apply):([0-9a-f]+)$/;

function keyOf(name: CheckText["name"], commit: CommitSha): string {
  return `check:${name}:${commit}`;
}

function checkIn(
  key: string,
): { readonly name: CheckText["name"]; readonly commit: CommitSha } | undefined {
  const [, name, sha] = CHECK_KEY.exec(key) ?? [];
  const commit = sha === undefined ? undefined : parseCommitSha(sha);
  const isOurs = name === "terrane plan" || name === "terrane apply";
  return isOurs && commit !== undefined ? { name, commit } : undefined;
}
