import type { DirspaceKey } from "../change/dirspace.ts";
import type { Draft } from "../draft.ts";
import type { Facts, Question } from "../fact.ts";
import type { Inputs } from "../inputs.ts";
import { byWave, openPredecessors, type Phase, phasesOf } from "../phase.ts";
import { judgeAccess } from "../policy/access.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { PlanWhy, Reason } from "../reason.ts";
import { keysOf, startRuns } from "../run/start-run.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";

/**
 * Plans what has no plan of this head yet, what waited for a predecessor that is now done, and what became
 * stale. What failed or was cancelled is left to a person: planning it again by itself would never end.
 */
export function autoplan(
  draft: Draft,
  inputs: Inputs,
  why: PlanWhy,
  permitted: ReadonlySet<DirspaceKey>,
): void {
  const { view } = inputs;
  const snapshot = draft.now();
  const phases = phasesOf(snapshot.dirspaces, view);
  const wanted = wantedPlans(snapshot, phases, view).filter((state) => permitted.has(state.key));
  const busy = new Set(wanted.filter((state) => isBusyElsewhere(state, phases.get(state.key))));
  // Whoever is next in line asked for it: its plan is outdated by those who went first.
  const { wait } = snapshot.pullRequest;
  const next = new Set(wait?.turnSince === undefined ? [] : wait.dirspaces);
  const off = wanted.filter((state) => state.affected?.autoplan === false && !next.has(state.key));
  const drafts = wanted.filter(
    (state) => view.draft && state.affected?.autoplan === true && !state.affected.autoplanDraft,
  );
  if (off.length > 0) draft.because({ code: "autoplan_off", dirspaces: keysOf(off) });
  if (drafts.length > 0) draft.because({ code: "draft_not_planned", dirspaces: keysOf(drafts) });
  const chosen = new Set(
    wanted
      .filter((state) => !off.includes(state) && !drafts.includes(state) && !busy.has(state))
      .map((one) => one.key),
  );
  for (const by of new Set([...busy].flatMap((state) => state.inFlight?.number ?? []))) {
    const theirs = [...busy].filter((state) => state.inFlight?.number === by);
    draft.because({ code: "apply_in_flight", dirspaces: keysOf(theirs), by });
  }
  const runnable = plannable(snapshot, phases, chosen);
  if (runnable.length === 0) return;
  const request = { kind: "plan", states: runnable, actor: undefined } as const;
  const { runs, held } = startRuns(draft, inputs, request);
  draft.because(...runs.map((run) => ({ code: "plan_started", ...run, why }) as const), ...held);
}

/** What is planned by itself is planned in the name of the pull request's author. */
export function autoplanAccess(
  draft: Draft,
  facts: Facts,
  { config, view }: Inputs,
):
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | {
      readonly kind: "judged";
      readonly dirspaces: ReadonlySet<DirspaceKey>;
      readonly leftOut: readonly Reason[];
    } {
  const snapshot = draft.now();
  const wanted = wantedPlans(snapshot, phasesOf(snapshot.dirspaces, view), view);
  // Nothing is to be planned, so nobody has to be asked about it.
  if (wanted.length === 0) return { kind: "judged", dirspaces: new Set(), leftOut: [] };
  const access = judgeAccess({ config, view, who: view.author, facts }, "plan", wanted, snapshot);
  switch (access.kind) {
    case "ask":
      return access;
    case "denied":
      return { kind: "judged", dirspaces: new Set(), leftOut: access.refusals };
    case "permitted":
      return { kind: "judged", dirspaces: access.dirspaces, leftOut: access.leftOut };
  }
}

function wantedPlans(
  snapshot: Snapshot,
  phases: ReadonlyMap<DirspaceKey, Phase>,
  view: PullRequestView,
): readonly DirspaceState[] {
  // An unlocked, merged pull request has let go of its dirspaces; only a command takes them up again.
  if (view.state === "merged" && snapshot.pullRequest.unlocked) return [];
  return snapshot.dirspaces.filter((state) => wantsPlan(state, phases.get(state.key), view));
}

function wantsPlan(state: DirspaceState, phase: Phase | undefined, view: PullRequestView): boolean {
  if (state.affected === undefined) return false;
  if (phase === "stale") return true;
  if (phase !== "unplanned" && phase !== "waiting") return false;
  const { plan } = state;
  if (plan === undefined || plan.headSha !== view.headSha || plan.state === "waiting") return true;
  // We ended it ourselves, as the pull request could not be planned then, or a command planned others first.
  return plan.state === "not_started" && plan.cancelRequested === true;
}

/**
 * A plan beside an apply is born stale (S6): making it again before that has ended would start one job after the
 * other. Its end wakes us.
 */
function isBusyElsewhere(state: DirspaceState, phase: Phase | undefined): boolean {
  return phase === "stale" && state.inFlight !== undefined;
}

/**
 * Of the chosen dirspaces those whose every predecessor is done or is planned in the same run (there it turns
 * out whether it changes anything).
 */
export function plannable(
  snapshot: Snapshot,
  phases: ReadonlyMap<DirspaceState["key"], Phase>,
  chosen: ReadonlySet<DirspaceState["key"]>,
): readonly DirspaceState[] {
  const inRun = new Set(chosen);
  const candidates = snapshot.dirspaces.filter((state) => chosen.has(state.key));
  // A predecessor is in an earlier wave: whoever it drops out with is looked at later, so once is enough.
  for (const state of byWave(candidates)) {
    if (openPredecessors(state, phases).some((key) => !inRun.has(key))) inRun.delete(state.key);
  }
  return candidates.filter((state) => inRun.has(state.key));
}
