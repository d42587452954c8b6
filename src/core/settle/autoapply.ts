import type { DirspaceKey } from "../change/dirspace.ts";
import type { Draft, Need } from "../draft.ts";
import { type Facts, type Question, questionKey } from "../fact.ts";
import type { Inputs } from "../inputs.ts";
import { joinQueue } from "../lock/queue.ts";
import { lockRefusals, takeLocks } from "../lock/take-locks.ts";
import { phasesOf } from "../phase.ts";
import { judgeAccess } from "../policy/access.ts";
import { judgeRequirements } from "../policy/apply-requirements.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { stackOrder } from "../run/stack-order.ts";
import { keysOf, startRuns } from "../run/start-run.ts";
import type { DirspaceState } from "../snapshot.ts";

/** What waits where nobody typed a command. */
const AUTOAPPLY = "automatic apply";

/**
 * Applies what the configuration wants applied without a command: `auto_apply` of a stack, and `autoapply` after
 * the merge. It is an apply in the name of the author, so it asks whatever a command is asked: access, requirements,
 * locks, the order of stacks (never skipped). What speaks against it is a reason of the decision, and no
 * notice: nobody asked. It is tried once for each commit; what failed, was stopped or unlocked is left to people.
 */
export function autoapply(draft: Draft, facts: Facts, inputs: Inputs): Need | undefined {
  const { view } = inputs;
  const { dirspaces, pullRequest } = draft.now();
  if (pullRequest.unlocked || pullRequest.unlockRequested) return undefined;
  const phases = phasesOf(dirspaces, view);
  const due = dirspaces.filter(
    (state) => phases.get(state.key) === "planned" && isAutomatic(state, view),
  );
  const tried = due.filter((state) => state.apply?.headSha === view.headSha);
  if (tried.length > 0) draft.because({ code: "autoapply_left", dirspaces: keysOf(tried) });
  const fresh = due.filter((state) => !tried.includes(state));
  const { free, waiting } = stackOrder(fresh, dirspaces, phases);
  draft.because(...waiting);
  if (free.length === 0) return undefined;

  const judged = judgeEach(draft, facts, inputs, free);
  if (judged.kind === "ask") return judged;
  const ready = free.filter((state) => judged.permitted.has(state.key));
  const locks = lockRefusals(draft.now(), view);
  const refusals = [...judged.refusals, ...locks];
  const isLocked = locks.length > 0;
  const held = isLocked ? free : free.filter((state) => !ready.includes(state));
  if (held.length > 0) {
    draft.because({ code: "autoapply_held", dirspaces: keysOf(held) }, ...refusals);
  }
  if (ready.length === 0) return undefined;
  if (isLocked) {
    const queued = joinQueue(draft, view, { actor: undefined, command: AUTOAPPLY });
    if ("kind" in queued) return queued;
    draft.because(queued);
    return undefined;
  }

  const keys = keysOf(dirspaces);
  if (!keys.every((key) => draft.now().held.has(key))) return { kind: "hold", dirspaces: keys };
  takeLocks(draft, view, ready);
  const { runs, held: later } = startRuns(draft, inputs, {
    kind: "apply",
    states: ready,
    actor: undefined,
  });
  draft.because(...later);
  const { approvedBy } = judged;
  const merged = view.state === "merged";
  tell(
    draft,
    runs.map((run) => ({ code: "autoapply_started", ...run, approvedBy, merged })),
  );
  return undefined;
}

function isAutomatic({ affected }: DirspaceState, view: PullRequestView): boolean {
  if (affected === undefined) return false;
  return affected.stack.autoApply === true || (affected.autoapply && view.state === "merged");
}

type Judged =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | {
      readonly kind: "judged";
      readonly permitted: ReadonlySet<DirspaceKey>;
      readonly refusals: readonly Reason[];
      readonly approvedBy: readonly string[];
    };

/** Each on its own: a dirspace that lacks an approval does not keep the others from being applied. */
function judgeEach(
  draft: Draft,
  facts: Facts,
  { config, view }: Inputs,
  states: readonly DirspaceState[],
): Judged {
  const asking = { config, view, who: view.author, facts };
  const access = judgeAccess(asking, "apply", states, draft.now());
  if (access.kind === "ask") return access;
  if (access.kind === "denied") {
    const { refusals } = access;
    return { kind: "judged", permitted: new Set(), refusals, approvedBy: [] };
  }
  const { gateApprovals } = draft.now().pullRequest;
  const requirements = { config, view, facts, gateApprovals };
  const questions = new Map<string, Question>();
  const permitted = new Set<DirspaceKey>();
  const refused: DirspaceState[] = [];
  for (const state of states) {
    if (!access.dirspaces.has(state.key)) continue;
    const judged = judgeRequirements(requirements, [state]);
    if (judged.kind === "ask") {
      for (const one of judged.questions) questions.set(questionKey(one), one);
    } else if (judged.refusals.length === 0) permitted.add(state.key);
    else refused.push(state);
  }
  if (questions.size > 0) return { kind: "ask", questions: [...questions.values()] };
  // Once more together, so that one reason names all that it is about.
  const together = judgeRequirements(requirements, refused);
  if (together.kind === "ask") return together;
  const { approvedBy } = together;
  const refusals = [...access.leftOut, ...together.refusals];
  return { kind: "judged", permitted, refusals, approvedBy };
}

/** An apply that nobody asked for is announced. */
function tell(draft: Draft, reasons: readonly Reason[]): void {
  draft.because(...reasons);
  draft.write({
    kind: "set_notice",
    notice: {
      at: draft.event.at,
      command: undefined,
      actor: undefined,
      outcome: "information",
      reasons,
    },
  });
}
