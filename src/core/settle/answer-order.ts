import type { DirspaceKey } from "../change/dirspace.ts";
import type { Draft } from "../draft.ts";
import { isDone, phasesOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
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
  const isOpen = (key: DirspaceKey) => !isDone(phases.get(key) ?? "applied");
  const wanted = dirspaces.filter((state) => state.affected !== undefined);
  if (notice.reasons.some(isInvitation) && !keysOf(wanted).some(isOpen)) {
    // What was told to come next turned out to have no changes. Whoever gave the command still has an answer.
    const at = draft.event.at;
    const over = { ...notice, at, outcome: "information", reasons: [ALL_APPLIED] } as const;
    draft.write({ kind: "set_notice", notice: over });
    return;
  }
  const waited = new Set(
    notice.reasons.flatMap((reason) =>
      (reason.code === "stacks_unapplied" || reason.code === "predecessors_unapplied") &&
      !reason.waitFor.some(isOpen)
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

const ALL_APPLIED: Reason = { code: "all_applied" };

/** It names what people can apply or plan now. */
function isInvitation({ code }: Reason): boolean {
  return code === "order_reached" || code === "turn_began";
}
