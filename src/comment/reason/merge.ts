import type { MergeHeld } from "../../core/merge/unmerged.ts";
import { explain } from "../group-checks.ts";
import { literal, names, sentence, shortSha } from "../words.ts";
import type { ReasonText, RefusalText, Texts } from "./text.ts";

export type MergeDoneCode =
  | "automerge_started"
  | "automerge_held"
  | "automerge_queued"
  | "branch_kept"
  | "group_judged";

/** What the configuration's `automerge` does. */
export const MERGE_DONE: Texts<MergeDoneCode, ReasonText> = {
  automerge_started: ({ head, method }) => ({
    title: "Merging",
    cause:
      `Everything is applied, and \`automerge\` of the configuration wants \`${shortSha(head)}\` merged` +
      (method === "auto" ? "." : ` by \`${method}\`.`),
  }),
  automerge_held: ({ why, dirspaces }) => ({
    title: "Not merged automatically",
    cause:
      why === "left_behind"
        ? `An earlier commit may have changed ${names(dirspaces)}, which the pull request does not touch any more: a merge would not bring that to the base branch.`
        : HELD_CAUSE[why],
    next: HELD_NEXT[why],
  }),
  automerge_queued: ({ head }) => ({
    title: "In the merge queue",
    cause: `Everything is applied, and the base branch takes changes through its merge queue only: \`${shortSha(head)}\` was put into it, and is merged from there.`,
    next: "What the queue gives back is not put in again by itself: mend what it says, then comment `terrane apply`.",
  }),
  group_judged: ({ head, verdict }) => ({
    title: "Checks of the merge queue",
    cause: `Of \`${shortSha(head)}\`: ${explain(verdict)}`,
  }),
  branch_kept: ({ branch, said }) => ({
    title: "The branch stays",
    cause: `The pull request is merged, and ${literal(branch)} was not deleted: ${sentence(said)}`,
    next: "Delete it by hand where nobody needs it.",
  }),
};

const HELD_CAUSE: Readonly<Record<Exclude<MergeHeld, "left_behind">, string>> = {
  draft: "Everything is applied, and the pull request is a draft.",
  conflict: "Everything is applied, and the pull request conflicts with its base branch.",
  nothing_applied:
    "Nothing needed to be applied, and `automerge.require_explicit_apply` wants an apply before a merge.",
};

const HELD_NEXT: Readonly<Record<MergeHeld, string>> = {
  draft: "Mark it as ready for review; it is merged then.",
  conflict: "Merge the base branch into it, resolve the conflicts and push.",
  nothing_applied: "Merge it by hand.",
  left_behind:
    "Bring the code back and apply it, or undo what was applied and comment `terrane unlock`; then merge it by hand.",
};

export const MERGE_REFUSED: Texts<"automerge_refused", RefusalText> = {
  automerge_refused: ({ why, said }) =>
    why === "forbidden"
      ? {
          title: "Terrane may not merge",
          cause: `Everything is applied, and the merge that \`automerge\` wants was refused: ${sentence(said)}`,
          next: "Let Terrane write to the repository's contents and past the rules of the base branch, then comment `terrane apply`; or merge it by hand.",
        }
      : {
          title: "The merge was refused",
          cause: `Everything is applied, and the merge that \`automerge\` wants was refused: ${sentence(said)}`,
          next: "Mend that or merge it by hand. A push, a review or `terrane apply` tries it again.",
        },
};
