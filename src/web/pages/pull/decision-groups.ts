import type { DecisionView } from "../../../contract/views.ts";

/** A decision with its event in words, where the server says them. */
export type ShownDecision = DecisionView & { readonly text?: string; readonly delivery?: string };

/** Decisions that follow each other; `quiet` ones changed nothing and are shown as one line. */
export interface DecisionGroup {
  readonly quiet: boolean;
  readonly decisions: readonly ShownDecision[];
}

const QUIET: readonly string[] = ["I_OBSERVED", "I_EVENT_OUTDATED"];

/** Newest first. A run reports each of its dirspaces, so most decisions say that there was nothing to decide. */
export function groupsOf(decisions: readonly ShownDecision[]): readonly DecisionGroup[] {
  const newest = decisions.toSorted(
    (a, b) => Date.parse(b.at) - Date.parse(a.at) || Number(b.id) - Number(a.id),
  );
  const groups: { readonly quiet: boolean; readonly decisions: ShownDecision[] }[] = [];
  for (const decision of newest) {
    const quiet = decision.reasons.every(({ code }) => QUIET.includes(code));
    const last = groups.at(-1);
    if (last?.quiet === quiet) last.decisions.push(decision);
    else groups.push({ quiet, decisions: [decision] });
  }
  return groups;
}

const EVENTS: Readonly<Record<string, string>> = {
  pull_request_changed: "The pull request changed",
  commented: "Somebody commented",
  command_given: "A command was given",
  button_pressed: "A button of a check was pressed",
  review_changed: "A review changed",
  merge_group: "The merge queue reported",
  base_moved: "The base branch moved",
  configuration_moved: "The central configuration moved",
  neighbour_changed: "Another pull request changed",
  run_dispatched: "A run was handed to CI",
  run_progressed: "A run reported",
  run_ended: "A run ended",
  run_went_silent: "A run went silent",
  reviewers_refused: "Some people could not be asked for a review",
  merge_refused: "The merge was refused",
  merge_queued: "It was put into the merge queue",
  branch_kept: "A branch was not deleted after the merge",
};

/** An event of a newer server shows under its own name. */
export function eventWords(event: string): string {
  return EVENTS[event] ?? event;
}
