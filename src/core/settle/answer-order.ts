import type { Draft } from "../draft.ts";
import { isDone, phasesOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import { keysOf } from "../run/start-run.ts";

/**
 * The last answer said that something has to be applied first, and now it is: says so and what comes next, instead
 * of letting people wait for it. Nothing is applied by that (ADR 4).
 */
export function answerOrder(draft: Draft, view: PullRequestView): void {
  const { dirspaces, pullRequest } = draft.now();
  const { notice } = pullRequest;
  if (notice === undefined) return;
  const phases = phasesOf(dirspaces, view);
  const waited = new Set(
    notice.reasons.flatMap((reason) =>
      (reason.code === "stacks_unapplied" || reason.code === "predecessors_unapplied") &&
      reason.waitFor.every((key) => isDone(phases.get(key) ?? "applied"))
        ? reason.dirspaces
        : [],
    ),
  );
  const next = dirspaces.filter(
    (state) =>
      waited.has(state.key) &&
      state.affected !== undefined &&
      !isDone(phases.get(state.key) ?? "unplanned"),
  );
  if (next.length === 0) return;
  const planned = next.filter((state) => phases.get(state.key) === "planned");
  const reason = {
    code: "order_reached",
    planned: keysOf(planned),
    others: keysOf(next.filter((state) => !planned.includes(state))),
  } as const;
  draft.because(reason);
  const { command, actor } = notice;
  draft.write({
    kind: "set_notice",
    notice: { at: draft.event.at, command, actor, outcome: "information", reasons: [reason] },
  });
}
