import { dirspaceKey } from "../change/dirspace.ts";
import type { Draft, Need } from "../draft.ts";
import { type Facts, factOf, type Question, questionKey } from "../fact.ts";
import type { CommitSha } from "../ids.ts";
import { type Inputs, touchedBy } from "../inputs.ts";
import type { Work } from "../run/work.ts";
import type { DirspaceState } from "../snapshot.ts";

/**
 * S11: the base branch moved since a plan was made. Where what came in feeds the dirspace the plan is stale;
 * where it does not, the plan is confirmed for the new base and stays good.
 */
export function refreshBase(draft: Draft, facts: Facts, inputs: Inputs): Need | undefined {
  const behind = draft.now().dirspaces.flatMap((state) => outrunPlan(state, inputs));
  const bases = [...new Set(behind.map(({ plan }) => plan.confirmedBaseSha))].sort();
  const questions = bases.map((base) => question(base, inputs));
  if (questions.some((one) => !facts.has(questionKey(one)))) return { kind: "ask", questions };

  for (const base of bases) {
    const answer = factOf(facts, question(base, inputs));
    const set = answer === undefined ? undefined : touchedBy(inputs, answer.changes);
    const touched =
      set?.kind === "ok"
        ? new Set(set.dirspaces.map((one) => dirspaceKey(one.dirspace)))
        : undefined;
    for (const { key, plan } of behind) {
      if (plan.confirmedBaseSha !== base) continue;
      const { runId } = plan;
      // Without a readable graph, or the list of what came in, nothing can be confirmed.
      if (touched === undefined || touched.has(key)) {
        const because = { kind: "base_moved", to: inputs.view.baseSha } as const;
        draft.write({ kind: "mark_stale", runId, dirspace: key, because });
      } else {
        draft.write({ kind: "confirm_base", runId, dirspace: key, baseSha: inputs.view.baseSha });
      }
    }
  }
  return undefined;
}

function outrunPlan(
  state: DirspaceState,
  inputs: Inputs,
): readonly { readonly key: DirspaceState["key"]; readonly plan: Work }[] {
  const { plan } = state;
  if (plan?.state !== "planned" || plan.stale !== undefined) return [];
  if (plan.headSha !== inputs.view.headSha) return [];
  if (plan.confirmedBaseSha === inputs.view.baseSha) return [];
  // The merge itself moves the base by what was planned: where that changed nothing, nothing is left to do.
  if (inputs.view.state === "merged" && plan.changed === false) return [];
  return [{ key: state.key, plan }];
}

function question(base: CommitSha, inputs: Inputs): Extract<Question, { kind: "changes" }> {
  return { kind: "changes", base, head: inputs.view.baseSha, direct: true };
}
