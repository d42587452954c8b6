import { present } from "../base/assert.ts";
import type { Instant } from "../base/brand.ts";
import { type CheckText, checkOfOldHead, notShownAnyMore } from "../comment/checks.ts";
import { renderGroupChecks } from "../comment/group-checks.ts";
import {
  asStatuses,
  isMade,
  type PlacedCheck,
  renderPlacedChecks,
} from "../comment/placed-check.ts";
import type { CommentView } from "../comment/view.ts";
import type { CommitSha } from "../core/ids.ts";
import type { QueuedGroup } from "../core/merge/queued-group.ts";
import type { PendingEffect, Publication } from "../ports/engine-store.ts";
import type { CheckDraft, Vcs, VcsFailure } from "../ports/vcs.ts";
import { keyOf, placedBy } from "./check-key.ts";
import { isDue, type Pacer, paceOfCheck, progressMsOf } from "./pace.ts";
import type { EnginePorts } from "./ports.ts";
import {
  contentHash,
  doubt,
  flavourOf,
  keep,
  placeOf,
  timeless,
  written,
  writtenText,
} from "./published.ts";

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
  const wanted = new Set<string>();
  const put = (
    { placed, check = () => placed.text, of }: Wanted,
    paced: boolean,
  ): Promise<VcsFailure | undefined> => {
    wanted.add(keyOf(placed, of));
    const { rememberedSince } = pacer;
    const what = { placed, check, commit: of, detailsUrl: shown.dashboardUrl, rememberedSince };
    return putCheck(paced ? { ...what, shown, pacer } : what, pending, vcs, ports);
  };
  let refused: VcsFailure | undefined;
  // Made when it is known that one of them is new: mostly none is.
  let checks: readonly PlacedCheck[] | undefined;
  for (const [index, placed] of renderPlacedChecks(timeless(shown), flavour).entries()) {
    const check = (): CheckText => {
      checks ??= renderPlacedChecks(shown, flavour);
      return present(checks[index], "the time of rendering adds no check").text;
    };
    const failed = await put({ placed, check, of: commit }, true);
    // Of a permission that lacks for the older kind the rest knows nothing.
    if (failed !== undefined && placed.isStatus !== true) return failed;
    if (failed?.kind === "unavailable") return failed;
    refused ??= failed;
  }
  // What it concluded stays with what became of it; only what was left open is ended.
  const group = queued?.verdict.kind === "over" ? undefined : queued;
  if (group !== undefined) {
    for (const placed of groupChecks(group, shown, vcs)) {
      const failed = await put({ placed, of: group.head }, false);
      if (failed?.kind === "unavailable") return failed;
    }
  }
  for (const { key } of await ports.store.openPublications(pending.pullRequest.id)) {
    const left = placedBy(key);
    if (left === undefined || wanted.has(key)) continue;
    const { name, commit: of, ...what } = left;
    const text = of === commit ? notShownAnyMore(name) : checkOfOldHead(name, commit);
    const failed = await put({ placed: { ...what, text }, of }, false);
    if (failed?.kind === "unavailable") return failed;
    // It stays open until we are allowed to end it.
    if (failed?.kind === "forbidden") refused = failed;
  }
  return refused;
}

interface Wanted {
  /** As it is compared: without the time of rendering. */
  readonly placed: PlacedCheck;
  readonly check?: () => CheckText;
  readonly of: CommitSha;
}

/** Each call adds its annotations to those that the check has. */
function untold(
  { annotations = [] }: CheckText,
  known: Pick<Publication, "content"> | undefined,
): Pick<CheckDraft, "annotations"> {
  const told = new Set(writtenText(known)?.annotations?.map((one) => JSON.stringify(one)));
  return { annotations: annotations.filter((one) => !told.has(JSON.stringify(one))) };
}

/** Of a branch that has a merge queue, and takes the older kind: it waits for that of the group as well. */
function groupChecks(group: QueuedGroup, shown: CommentView, vcs: Vcs): readonly PlacedCheck[] {
  const [plan, apply] = renderGroupChecks(group, `${vcs.numberSign}${shown.number}`);
  const two: readonly PlacedCheck[] = [
    { phase: "plan", text: plan },
    { phase: "apply", text: apply },
  ];
  const word = shown.showing?.statuses;
  return word === undefined ? two : [...two, ...asStatuses(two, word, flavourOf(vcs))];
}

interface Put {
  readonly placed: PlacedCheck;
  readonly check: () => CheckText;
  readonly commit: CommitSha;
  readonly detailsUrl: string | undefined;
  readonly rememberedSince: Instant;
  /** Those of the head: what only shows that work goes on may wait. */
  readonly shown?: CommentView;
  readonly pacer?: Pacer;
}

async function putCheck(
  { placed, check, commit, detailsUrl, rememberedSince, shown, pacer }: Put,
  { pullRequest: { id, number, repository } }: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const key = keyOf(placed, commit);
  const hash = contentHash(ports, JSON.stringify(placed.text));
  const known = await ports.store.publication(id, key);
  if (pacer !== undefined && known !== undefined && known.at < pacer.begunAt) {
    pacer.begunAt = known.at;
  }
  if (known?.contentHash === hash) return undefined;
  if (shown !== undefined && pacer !== undefined) {
    // One that nobody knows to be there may be: then it has to be ended all the same.
    if (known === undefined && !isMade(placed, shown)) return undefined;
    const pace = paceOfCheck(placed, written(known), shown, progressMsOf(vcs, ports));
    if (!isDue(pace, shown.generatedAt, pacer)) return undefined;
  }
  const text = check();
  const content = JSON.stringify(text);
  const open = text.status !== "completed";
  // Also of the first one: should its answer be lost, it has to be ended all the same.
  const before = { externalId: known?.externalId ?? "", contentHash: "", content, open: true };
  await doubt(ports, id, key, before);
  const kind = placed.isStatus === true ? { isStatus: true as const } : {};
  const place = { commit, number, detailsUrl, ...placeOf(known, rememberedSince) };
  const draft = { ...text, ...kind, ...untold(text, written(known)), ...place };
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
