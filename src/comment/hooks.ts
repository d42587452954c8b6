import type { StepReport } from "../core/run/report.ts";
import { shownSteps, stepBlocks } from "./step-reports.ts";
import type { CommentView } from "./view.ts";

/** All hooks together; what they say in full is in the run's log. */
const HOOKS_CHARS_MAX = 3_000;

/** What hooks found beside the dirspaces: the configuration wants it seen, or it went wrong after them. */
export function hooks({ hooks: runs = [] }: CommentView): readonly string[] {
  const latest = runs.find(({ pre, post }) => shown(pre, post).length > 0);
  if (latest === undefined) return [];
  const steps = shown(latest.pre, latest.post);
  const failed = steps.some(({ outcome }) => outcome === "failed");
  const open = `<details${failed ? " open" : ""}><summary>Hooks of run ${latest.number}${failed ? ": failed" : ""}</summary>`;
  return [open, ...stepBlocks(steps, HOOKS_CHARS_MAX), "</details>"];
}

/** A hook that failed before the dirspaces is told by each of them, since none of them was started. */
function shown(pre: readonly StepReport[], post: readonly StepReport[]): readonly StepReport[] {
  const ended = post.filter((step) => step.outcome === "failed");
  return [...shownSteps(pre), ...shownSteps(post), ...ended];
}
