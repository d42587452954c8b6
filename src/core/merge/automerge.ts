import type { DirspaceKey } from "../change/dirspace.ts";
import type { Automerge } from "../config/config.ts";
import { type Draft, publish } from "../draft.ts";
import type { Happening } from "../event.ts";
import type { CommitSha } from "../ids.ts";
import type { Inputs } from "../inputs.ts";
import { isDone, phasesOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { keysOf } from "../run/start-run.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import type { MergeHeld, MergeWish, Unmerged } from "./unmerged.ts";

const TITLE_CHARS_MAX = 200;

/**
 * `automerge`: merges once everything that the head wants is applied. A directory without changes counts as applied, unless
 * `require_explicit_apply` wants an apply of at least one. What may be applied only after the merge is not, so
 * it holds the merge back: nothing is merged early. What the VCS refuses is said once, and tried again when
 * something has changed.
 */
export function automerge(draft: Draft, { config, view }: Inputs): void {
  const { automerge: wanted } = config;
  if (!wanted.enabled) return;
  if (view.state === "merged") return tidyAfterQueue(draft, view, wanted);
  if (view.state !== "open") return;
  if (!isReadyToMerge(draft.now(), view, view.headSha)) return;
  const held = heldBy(draft.now(), view, wanted);
  if (held !== undefined) return draft.because(held);
  const { unmerged } = draft.now().pullRequest;
  const stands = unmerged?.head === view.headSha && !isNews(draft.event.what, unmerged);
  if (unmerged !== undefined && stands) return sayUnmerged(draft, unmerged);
  if (unmerged !== undefined) draft.write({ kind: "note_unmerged", unmerged: undefined });
  const wish = wishToMerge(draft, view, wanted);
  draft.because({ code: "automerge_started", head: wish.head, method: wish.method });
}

function wishToMerge(draft: Draft, view: PullRequestView, wanted: Automerge): MergeWish {
  const wish = wishFor(view, wanted);
  const key = `merge:${draft.now().pullRequest.id}:${view.headSha}`;
  draft.effect({ kind: "merge", key, ...wish });
  return wish;
}

/** A queue merges when it is its time, and leaves the branch: what was asked for besides is done then. */
function tidyAfterQueue(draft: Draft, view: PullRequestView, wanted: Automerge): void {
  const { unmerged } = draft.now().pullRequest;
  if (unmerged?.why !== "queued") return;
  draft.write({ kind: "note_unmerged", unmerged: undefined });
  if (unmerged.head !== view.headSha || wishFor(view, wanted).deletes === undefined) return;
  // Merging what is merged already succeeds, and goes on with the branch.
  wishToMerge(draft, view, wanted);
}

/**
 * Whether everything that this head wants is applied and nothing works on it. Asked with the decision and, because much may
 * happen in between, once more when the VCS is about to be told (S10).
 */
export function isReadyToMerge(
  { dirspaces, pullRequest }: Snapshot,
  view: PullRequestView,
  head: CommitSha,
): boolean {
  if (view.state !== "open" || view.headSha !== head) return false;
  if (pullRequest.unlockRequested || pullRequest.changeSet?.headSha !== head) return false;
  const wanted = dirspaces.filter((state) => state.affected !== undefined);
  if (wanted.length === 0) return false;
  const phases = phasesOf(dirspaces, view);
  const busy = dirspaces.some(({ key }) => BUSY.has(phases.get(key) ?? "unplanned"));
  return !busy && wanted.every(({ key }) => isDone(phases.get(key) ?? "unplanned"));
}

const BUSY: ReadonlySet<string> = new Set(["applying", "unknown"]);

function heldBy(
  { dirspaces }: Snapshot,
  view: PullRequestView,
  wanted: Automerge,
): Reason | undefined {
  const held = (why: MergeHeld, keys: readonly DirspaceKey[] = []): Reason => ({
    code: "automerge_held",
    why,
    dirspaces: keys,
  });
  if (view.draft) return held("draft");
  if (view.mergeable === "conflict") return held("conflict");
  const left = dirspaces.filter(isLeftBehind);
  if (left.length > 0) return held("left_behind", keysOf(left));
  const applied = dirspaces.some(
    ({ affected, apply }) => affected !== undefined && apply?.state === "applied",
  );
  return wanted.requireExplicitApply && !applied ? held("nothing_applied") : undefined;
}

/** The head holds no code for it any more, and an earlier one was applied: merging would not bring that to the branch. */
function isLeftBehind({ affected, granted }: DirspaceState): boolean {
  return affected === undefined && granted;
}

function wishFor(view: PullRequestView, wanted: Automerge): MergeWish {
  const { headRef, headSha, baseRef, defaultBranch, fromFork } = view;
  const plain = `Terrane automerge #${view.number}`;
  const title = wanted.retainPrTitle
    ? `${view.title.slice(0, TITLE_CHARS_MAX)} (#${view.number})`
    : plain;
  const mayDelete = !fromFork && headRef !== baseRef && headRef !== defaultBranch;
  const deletes = wanted.deleteBranch && mayDelete ? { deletes: headRef } : {};
  return { head: headSha, method: wanted.mergeStrategy, title, ...deletes };
}

/** What may have changed the VCS's mind. Our own doings do not: the refusal itself would be asked about for ever. */
function isNews({ kind }: Happening, { why }: Unmerged): boolean {
  return why === "queued" ? ASKED.has(kind) : NEWS.has(kind);
}

const ASKED: ReadonlySet<Happening["kind"]> = new Set([
  "commented",
  "command_given",
  "button_pressed",
]);

const NEWS: ReadonlySet<Happening["kind"]> = new Set([
  ...ASKED,
  "pull_request_changed",
  "review_changed",
  "base_moved",
  "configuration_moved",
  "run_ended",
]);

/** Without the lookups of others: what it is about is read again before it is tried again. */
export function onMergeRefused(
  draft: Draft,
  { head, why, message }: Extract<Happening, { kind: "merge_refused" }>,
): undefined {
  return noteUnmerged(draft, { head, why, said: message, at: draft.event.at });
}

export function onMergeQueued(
  draft: Draft,
  { head }: Extract<Happening, { kind: "merge_queued" }>,
): undefined {
  return noteUnmerged(draft, { head, why: "queued", at: draft.event.at });
}

function noteUnmerged(draft: Draft, unmerged: Unmerged): undefined {
  const { view } = draft.now().pullRequest;
  if (view?.headSha !== unmerged.head || view.state !== "open") {
    draft.because({ code: "event_outdated" });
    return undefined;
  }
  draft.write({ kind: "note_unmerged", unmerged });
  sayUnmerged(draft, unmerged, true);
  publish(draft);
  return undefined;
}

/** Shown until it is tried again, unless people were told something since. */
function sayUnmerged(draft: Draft, unmerged: Unmerged, isFresh = false): void {
  const { head, at } = unmerged;
  const reason: Reason =
    unmerged.why === "queued"
      ? { code: "automerge_queued", head }
      : { code: "automerge_refused", head, why: unmerged.why, said: unmerged.said };
  const outcome = unmerged.why === "queued" ? "information" : "refused";
  draft.because(reason);
  if (draft.now().pullRequest.notice?.command !== undefined && !isFresh) return;
  draft.write({
    kind: "set_notice",
    notice: { at, command: undefined, actor: undefined, outcome, reasons: [reason] },
  });
}
