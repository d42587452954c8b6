import type { SetAsideView } from "../../contract/views.ts";

const EFFECTS: Readonly<Record<string, string>> = {
  publish: "Comment and checks",
  publish_results: "Comments about ended runs",
  acknowledge: "Reaction to a comment",
  dispatch: "Start of a CI job",
  cancel: "Cancellation of a CI job",
  merge: "Merge",
  ask_reviewers: "Requests for reviews",
  open_issues: "Issues about drift",
  tell_neighbours: "Word to other pull requests",
  forward_command: "Command for another pull request",
};

/** What it would have done, or what happened; kinds of a newer server are shown as they are called there. */
export function failedWords({ kind, what }: Pick<SetAsideView, "kind" | "what">): string {
  const known = kind === "effect" ? EFFECTS[what] : undefined;
  if (known !== undefined) return known;
  const words = what.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
