import type { DirspaceKey } from "../../change/dirspace.ts";
import type { Draft } from "../../draft.ts";
import type { Facts } from "../../fact.ts";
import { openPredecessors, type Phase, phasesOf } from "../../phase.ts";
import { judgeAccess } from "../../policy/access.ts";
import type { PullRequestView } from "../../pull-request.ts";
import type { Query } from "../../query/query.ts";
import type { Reason } from "../../reason.ts";
import { keysOf, startRuns } from "../../run/start-run.ts";
import { hasEnded } from "../../run/work.ts";
import { plannable } from "../../settle/autoplan.ts";
import { isReading } from "../../settle/read-code.ts";
import { settle } from "../../settle/settle.ts";
import { abandonPlan, plansOverlapping } from "../../settle/supersede.ts";
import type { DirspaceState } from "../../snapshot.ts";
import { type Answered, type Given, refuse } from "./answer.ts";
import { select } from "./select.ts";

/** `plan`: plans what was asked for again, also where plans are current or automatic planning is off. */
export function doPlan(
  draft: Draft,
  facts: Facts,
  query: Query | undefined,
  given: Given,
): Answered {
  const { actor } = given;
  const settled = settle(draft, facts, true);
  if (settled.kind === "ask" || settled.kind === "hold") return settled;
  if (settled.kind === "stopped") return afterReading(draft, settled.reasons, query, given);
  const { inputs } = settled;
  const selected = select(draft.now(), inputs, query);
  if (selected.kind === "none") return refuse(selected.reason);

  const { config, view } = inputs;
  const asking = { config, view, who: actor, facts };
  const access = judgeAccess(asking, "plan", selected.states, draft.now());
  if (access.kind === "ask") return access;
  if (access.kind === "denied") return refuse(...access.refusals);
  const permitted = selected.states.filter((state) => access.dirspaces.has(state.key));
  const doubt = doubtOfPress(given, permitted, view);
  const mine = permitted.filter(({ key }) => doubt?.dirspaces.includes(key) !== true);
  const leftOut = [...access.leftOut, ...(doubt === undefined ? [] : [doubt])];
  if (mine.length === 0) return refuse(...leftOut);
  const theirs = overtaken(draft, mine);
  // What the plans that are replaced were to plan besides: whoever may not plan that leaves it to an automatic plan.
  const besides = judgeAccess(asking, "plan", theirs, draft.now());
  if (besides.kind === "ask") return besides;

  const phases = phasesOf(draft.now().dirspaces, view);
  const busy = mine.filter((state) => isApplying(phases.get(state.key)));
  // A plan beside an apply of the same dirspace would be born stale (S6).
  if (busy.length > 0) return refuse(inFlight(draft, busy, phases));
  abandonOverlapping(draft, mine);
  const allowed = besides.kind === "permitted" ? besides.dirspaces : new Set<DirspaceKey>();
  const chosen = new Set([...keysOf(mine), ...allowed]);
  const states = plannable(draft.now(), phases, chosen);
  const held = draft
    .now()
    .dirspaces.filter((state) => chosen.has(state.key) && !states.includes(state));
  const waiting: Reason[] =
    held.length === 0
      ? []
      : [
          {
            code: "predecessors_unapplied",
            dirspaces: keysOf(held),
            waitFor: [...new Set(held.flatMap((state) => openPredecessors(state, phases)))],
          },
        ];
  if (states.length === 0) return refuse(...waiting, ...leftOut);
  const { runs, held: later } = startRuns(draft, inputs, { kind: "plan", states, actor });
  const started = runs.map((run) => ({ code: "plan_started", ...run, why: "asked" }) as const);
  return {
    kind: "answered",
    outcome: "accepted",
    reasons: [...started, ...waiting, ...later, ...leftOut],
  };
}

/**
 * T7: planning runs the code of the pull request, and nobody can be asked who pressed a button. What was planned for this
 * commit before, somebody had allowed.
 */
function doubtOfPress(
  { pressedOn, actor: { login } }: Given,
  states: readonly DirspaceState[],
  { headSha }: PullRequestView,
): (Reason & { readonly code: "button_unconfirmed"; readonly wanted: "plan" }) | undefined {
  const fresh = states.filter(({ plan }) => plan?.headSha !== headSha);
  if (pressedOn === undefined || fresh.length === 0) return undefined;
  return { code: "button_unconfirmed", login, wanted: "plan", dirspaces: keysOf(fresh) };
}

/** While the code is read the command waits; its job goes on with it. What a button began ends with the reading. */
function afterReading(
  draft: Draft,
  reasons: readonly Reason[],
  query: Query | undefined,
  { actor, pressedOn }: Given,
): Answered {
  const [reason] = reasons;
  if (reason === undefined || !isReading(reason)) return refuse(...reasons);
  if (pressedOn !== undefined) return { kind: "answered", outcome: "accepted", reasons };
  const text = query === undefined ? "terrane plan" : `terrane plan ${query.text}`;
  draft.write({ kind: "remember_command", runId: reason.runId, command: { text, actor } });
  return { kind: "answered", outcome: "accepted", reasons };
}

/** Plans that now run on any of these are replaced; what else they were to plan is planned by the new run. */
function overtaken(draft: Draft, states: readonly DirspaceState[]): readonly DirspaceState[] {
  const own = new Set(keysOf(states));
  const open = plansOverlapping(draft.now().runs, own)
    .flatMap((run) => run.works)
    .filter((work) => !hasEnded(work.state) && !own.has(work.dirspace));
  const keys = new Set(open.map((work) => work.dirspace));
  return draft
    .now()
    .dirspaces.filter((state) => keys.has(state.key) && state.affected !== undefined);
}

function abandonOverlapping(draft: Draft, states: readonly DirspaceState[]): void {
  for (const run of plansOverlapping(draft.now().runs, new Set(keysOf(states)))) {
    abandonPlan(draft, run, "superseded", "planned again by a command");
    draft.because({ code: "run_cancelled", runId: run.id });
  }
}

function isApplying(phase: Phase | undefined): boolean {
  return phase === "applying" || phase === "unknown";
}

function inFlight(
  draft: Draft,
  busy: readonly DirspaceState[],
  phases: ReadonlyMap<DirspaceState["key"], Phase>,
): Reason {
  const lost = busy.filter((state) => phases.get(state.key) === "unknown");
  if (lost.length > 0) return { code: "apply_unknown", dirspaces: keysOf(lost) };
  return {
    code: "apply_in_flight",
    dirspaces: keysOf(busy),
    by: draft.now().pullRequest.number,
  };
}
