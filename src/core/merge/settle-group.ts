import { canonicalJson } from "../../base/canonical-json.ts";
import { type DirspaceKey, dirspaceKey } from "../change/dirspace.ts";
import type { Draft, Need } from "../draft.ts";
import { type Facts, factOf, type Question, questionKey, refusalOf } from "../fact.ts";
import { type Inputs, touchedBy } from "../inputs.ts";
import type { MergeGroup } from "../merge-group.ts";
import { phasesOf } from "../phase.ts";
import { requirementOf } from "../policy/apply-requirements.ts";
import type { FileChange } from "../pull-request.ts";
import { judgeGroup } from "./judge-group.ts";
import type { GroupVerdict, QueuedGroup } from "./queued-group.ts";

/** What a merge queue says of a group; news of another one than the last count only where they ask for something. */
export function noteGroup(draft: Draft, group: MergeGroup): void {
  const { queued } = draft.now().pullRequest;
  if (group.state !== "checks_wanted" && queued?.head !== group.head) return;
  const verdict: GroupVerdict = group.state === "checks_wanted" ? { kind: "pending" } : OVER;
  note(draft, { ...group, verdict });
}

const OVER: GroupVerdict = { kind: "over" };

/** Says what the group will do from what was reviewed, and again with every decision until the queue is done with it. */
export function settleGroup(draft: Draft, facts: Facts, inputs: Inputs): Need | undefined {
  const queued = wanted(draft);
  if (queued === undefined) return undefined;
  if (inputs.view.state !== "open") return note(draft, { ...queued, verdict: OVER });
  const brings = { kind: "changes", base: queued.base, head: queued.head, direct: true } as const;
  const { baseSha } = inputs.view;
  const before = { kind: "changes", base: baseSha, head: queued.base, direct: true } as const;
  const isAhead = queued.base !== baseSha;
  const questions = [brings, ...(isAhead ? [before] : [])].filter(
    (question) => !facts.has(questionKey(question)),
  );
  if (questions.length > 0) return { kind: "ask", questions };
  const moved = isAhead ? touched(inputs, answerOf(facts, before)) : new Set<DirspaceKey>();
  const foreign = moved === undefined ? undefined : foreignIn(inputs, answerOf(facts, brings));
  const { dirspaces } = draft.now();
  const phases = phasesOf(dirspaces, inputs.view);
  const verdict = judgeGroup({
    foreign,
    dirspaces: dirspaces
      .filter((state) => state.affected !== undefined)
      .map((state) => ({
        key: state.key,
        phase: phases.get(state.key) ?? "unplanned",
        moved: moved?.has(state.key) === true || state.plan?.stale?.kind === "base_moved",
        afterMerge:
          state.affected?.autoapply === true ||
          requirementOf(inputs.config, state)?.applyAfterMerge.enabled === true,
      })),
  });
  return note(draft, { ...queued, verdict });
}

/** Nothing of the pull request can be planned: its own checks say why. */
export function refuseGroup(draft: Draft, isOver: boolean): void {
  const queued = wanted(draft);
  if (queued === undefined) return;
  const refused = { kind: "refused", because: "stopped", dirspaces: [] } as const;
  note(draft, { ...queued, verdict: isOver ? OVER : refused });
}

function wanted(draft: Draft): QueuedGroup | undefined {
  const { queued } = draft.now().pullRequest;
  return queued?.state === "checks_wanted" && queued.verdict.kind !== "over" ? queued : undefined;
}

function note(draft: Draft, queued: QueuedGroup): undefined {
  if (canonicalJson(queued) === canonicalJson(draft.now().pullRequest.queued ?? {})) return;
  draft.write({ kind: "note_group", queued });
  const { head, verdict } = queued;
  draft.because({ code: "group_judged", head, verdict });
}

function answerOf(
  facts: Facts,
  question: Extract<Question, { kind: "changes" }>,
): readonly FileChange[] | undefined {
  if (refusalOf(facts, question) !== undefined) return undefined;
  return factOf(facts, question)?.changes;
}

/** Undefined where nobody can say. */
function touched(
  inputs: Inputs,
  changes: readonly FileChange[] | undefined,
): ReadonlySet<DirspaceKey> | undefined {
  const set = changes === undefined ? undefined : touchedBy(inputs, changes);
  if (set?.kind !== "ok") return undefined;
  return new Set(set.dirspaces.map((one) => dirspaceKey(one.dirspace)));
}

/** The base may have some of what the pull request changes; the group brings nothing else. */
function foreignIn(
  { changes: own }: Inputs,
  changes: readonly FileChange[] | undefined,
): readonly string[] | undefined {
  if (own === undefined || changes === undefined) return undefined;
  const known = new Set(own.flatMap(pathsOf));
  return changes.flatMap(pathsOf).filter((path) => !known.has(path));
}

function pathsOf(change: FileChange): readonly string[] {
  return change.kind === "renamed" ? [change.from, change.to] : [change.path];
}
