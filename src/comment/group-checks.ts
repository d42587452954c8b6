import { unreachable } from "../base/unreachable.ts";
import type { GroupRefusal, GroupVerdict, QueuedGroup } from "../core/merge/queued-group.ts";
import type { CheckText } from "./checks.ts";
import { completed, open, type Verdict } from "./verdict.ts";
import { names } from "./words.ts";

/** The checks of a group of a merge queue: they end as soon as the plans of its pull request have. */
export function renderGroupChecks(
  { verdict }: Pick<QueuedGroup, "verdict">,
  number: string,
): readonly [plan: CheckText, apply: CheckText] {
  const summary = `The checks of this group follow from what was reviewed and applied in ${number}.\n\n${explain(verdict)}`;
  const own = { summary, buttons: [] };
  return [
    { name: "terrane plan", ...planOf(verdict), ...own },
    { name: "terrane apply", ...applyOf(verdict), ...own },
  ];
}

function planOf(verdict: GroupVerdict): Verdict {
  switch (verdict.kind) {
    case "pending":
      return open("in_progress", "Being planned");
    case "as_reviewed":
      return completed("success", "As reviewed");
    case "refused":
      return verdict.because === "unapplied"
        ? completed("success", "As reviewed")
        : completed("failure", TITLES[verdict.because]);
    case "over":
      return completed("cancelled", "The queue is done with this group");
    default:
      return unreachable(verdict);
  }
}

function applyOf(verdict: GroupVerdict): Verdict {
  if (verdict.kind === "refused") return completed("failure", TITLES[verdict.because]);
  if (verdict.kind !== "as_reviewed") return planOf(verdict);
  switch (verdict.applies) {
    case "done":
      return completed("success", "Applied");
    case "nothing":
      return completed("neutral", "Nothing to apply");
    case "later":
      return completed("neutral", "Applied after the merge");
    default:
      return unreachable(verdict.applies);
  }
}

const TITLES: Readonly<Record<GroupRefusal, string>> = {
  other_changes: "The group holds more than was reviewed",
  base_moved: "What comes before it in the queue touches the same directories",
  unreadable: "What the group brings cannot be told",
  unplanned: "Not everything is planned",
  unapplied: "Apply before the merge",
  stopped: "The pull request cannot be planned",
};

/** What is wrong and how to go on; also for the reasons of a decision. */
export function explain(verdict: GroupVerdict): string {
  switch (verdict.kind) {
    case "pending":
      return "Plans of the pull request are being made. The checks end with them.";
    case "as_reviewed":
      return "The group brings what the pull request changes, on a base that has nothing new for its directories.";
    case "over":
      return "The queue merged the group or gave it up.";
    case "refused":
      return CAUSES[verdict.because](names(verdict.dirspaces));
    default:
      return unreachable(verdict);
  }
}

const CAUSES: Readonly<Record<GroupRefusal, (dirspaces: string) => string>> = {
  other_changes: () =>
    "The group changes files that the pull request does not. Queue the pull requests one by one.",
  base_moved: (dirspaces) =>
    `The base of the group has changes of ${dirspaces} that the plan did not see. Wait until what is before it is merged, comment \`terrane plan\`, apply, and queue it again.`,
  unreadable: () =>
    "The changes of the group cannot be listed, or what they touch cannot be told. Queue it again; the events of the pull request say what is wrong.",
  unplanned: (dirspaces) =>
    `There is no plan that holds of ${dirspaces}. Comment \`terrane plan\`, apply, and queue it again.`,
  unapplied: (dirspaces) =>
    `${dirspaces} is planned and not applied. Comment \`terrane apply\`, and queue it again.`,
  stopped: () =>
    "Nothing of the pull request can be planned. Its own checks say why; mend that and queue it again.",
};
