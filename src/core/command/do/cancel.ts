import type { DirspaceKey } from "../../change/dirspace.ts";
import type { Draft } from "../../draft.ts";
import { publish } from "../../draft.ts";
import { leaveQueue } from "../../lock/queue.ts";
import type { Reason } from "../../reason.ts";
import { isUnfilled } from "../../run/preparing.ts";
import { isActive, type Run } from "../../run/run.ts";
import { hasEnded } from "../../run/work.ts";
import { abandonPlan, requestCancel } from "../../settle/supersede.ts";
import { type Answered, type Given, refuse } from "./answer.ts";

/**
 * `cancel`: ends the plans of this pull request now, asks its applies to stop, and gives up its place in the queue. Locks
 * and results stay: what an apply has changed is not undone, and an apply that does not answer keeps its directories (S3).
 */
export function doCancel(draft: Draft, { actor }: Given): Answered {
  const { runs, pullRequest, dirspaces, held } = draft.now();
  const active = runs.filter(isActive);
  const { wait } = pullRequest;
  if (active.length === 0 && wait === undefined) return refuse({ code: "nothing_to_cancel" });
  if (wait !== undefined && !wait.dirspaces.every((key) => held.has(key))) {
    return { kind: "hold", dirspaces: [...new Set([...keys(dirspaces), ...wait.dirspaces])] };
  }
  const because = `cancelled by ${actor.login}`;
  for (const run of active) {
    if (run.kind === "apply") requestCancel(draft, run);
    else endPlan(draft, run, because);
  }
  leaveQueue(draft, "unlock");
  publish(draft);
  const reason: Reason = {
    code: "cancelled",
    plans: worksOf(active, "plan"),
    applies: worksOf(active, "apply"),
    waited: wait !== undefined,
  };
  return { kind: "answered", outcome: "accepted", reasons: [reason] };
}

/** As failed, so that nothing plans it again before somebody asks. */
function endPlan(draft: Draft, run: Run, because: string): void {
  if (isUnfilled(run)) return abandonPlan(draft, run, "cancelled", because);
  for (const { dirspace, state } of run.works) {
    if (hasEnded(state)) continue;
    draft.write({ kind: "move_work", runId: run.id, dirspace, to: "failed", because });
  }
  draft.write({ kind: "end_run", runId: run.id, outcome: "cancelled" });
  requestCancel(draft, run);
}

function worksOf(runs: readonly Run[], kind: Run["kind"]): readonly DirspaceKey[] {
  const open = runs
    .filter((run) => run.kind === kind)
    .flatMap((run) => run.works.filter(({ state }) => !hasEnded(state)));
  return [...new Set(open.map(({ dirspace }) => dirspace))].sort();
}

function keys(states: readonly { readonly key: DirspaceKey }[]): readonly DirspaceKey[] {
  return states.map(({ key }) => key);
}
