import type { CiStatus } from "../ports/ci.ts";
import type { VcsFailure } from "../ports/vcs.ts";

/** What an answer that was none says of a job: only that there is no such job is a word about it. */
export function statusOfFailure({ kind, message }: VcsFailure): CiStatus {
  return { kind: kind === "not_found" ? "unknown" : "unavailable", message };
}
