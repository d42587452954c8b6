import type { CiConclusion } from "../ports/ci.ts";

/** As they stand in brackets behind "the CI job ended". */
const WORDS: Readonly<Record<CiConclusion, string>> = {
  success: "success",
  failure: "failure",
  cancelled: "cancelled",
  timed_out: "it ran out of its time",
  neutral: "neutral, neither success nor failure",
  skipped: "skipped, by a condition of the job",
  stale: "given up by the CI system, because nothing had happened for too long",
  action_required: "somebody has to let it run on the CI system first",
  startup_failure: "the CI system could not start it; its page there says why",
  never_started: "it was never started",
  other: "with an outcome that has no name here",
};

/** What the CI system said of the end of a job, for people; whatever has no words is said as it came. */
export function conclusionWords(conclusion: string): string {
  return Object.hasOwn(WORDS, conclusion) ? WORDS[conclusion as CiConclusion] : conclusion;
}
