import type { Mutant } from "./mutant.ts";

/** Bugs in what is decided: `src/core`. */
export const OF_DECISIONS: readonly Mutant[] = [
  simulated("grant: the head is not compared", "src/core/run/grant.ts", [
    "if (view.headSha !== plan.headSha) {",
    "if (view.headSha === undefined) {",
  ]),
  simulated("grant: a swapped plan passes", "src/core/run/grant.ts", [
    "if (plan.planDigest !== request.digest) {",
    "if (request.digest === undefined) {",
  ]),
  simulated("grant: a stale plan passes", "src/core/run/grant.ts", [
    "if (stale !== undefined) {",
    "if (stale?.kind === undefined && stale !== undefined) {",
  ]),
  {
    name: "grant: a cancelled run may begin",
    by: "simulation",
    edits: [
      {
        file: "src/core/run/grant.ts",
        find: 'if (run.cancelRequested) return refused("CANCELLED", "The run was cancelled.");',
        replace: "",
      },
      {
        file: "src/engine/runner-door.ts",
        find: 'if (session.cancelRequested || session.over) {\n    return { kind: "refused"',
        replace: 'if (session.over) {\n    return { kind: "refused"',
      },
    ],
  },
  simulated("grant: a closed pull request may apply", "src/core/run/grant.ts", [
    'if (view.state === "closed") return refused("CLOSED", "The pull request was closed.");',
    "",
  ]),
  {
    name: "grant: used twice, and no constraint",
    by: "simulation",
    edits: [
      {
        file: "src/core/run/grant.ts",
        find: 'if (work.state !== "queued" && work.state !== "running") {',
        replace: "if (work.state === undefined) {",
      },
      {
        file: "test/support/memory-store/grant.ts",
        find: "if (other.dirspaceId === row.dirspaceId)",
        replace: "if (other.dirspaceId === undefined)",
      },
    ],
  },
  {
    name: "grant: another apply in flight does not matter, and no index",
    by: "simulation",
    edits: [
      {
        file: "src/core/run/grant.ts",
        find: "if (state.inFlight !== undefined) {",
        replace: "if (state.inFlight === null) {",
      },
      {
        file: "test/support/memory-store/constraints.ts",
        find: "if (busy.runId === row.runId) continue;",
        replace: "continue;",
      },
    ],
  },
  simulated("live check: refusals are collected and forgotten", "src/core/run/live-check.ts", [
    "if (reasons.length > 0) {",
    "if (reasons.length < 0) {",
  ]),
  simulated("approvals of older commits count", "src/core/pull-request.ts", [
    'if (review.verdict !== "approved" || review.commit !== view.headSha) continue;',
    'if (review.verdict !== "approved") continue;',
  ]),
  simulated("the author approves alone", "src/core/pull-request.ts", [
    "if (review.reviewer.id === view.author.id) continue;",
    "",
  ]),
  simulated("forks are trusted", "src/core/inputs.ts", [
    'if (view.fromFork) return stopped(view, { code: "untrusted_fork" });',
    "",
  ]),
  simulated("a plan outlives an apply elsewhere", "src/core/phase.ts", [
    'if (plan.fenceSeen < state.lastFence) return { kind: "applied_elsewhere" };',
    "",
  ]),
  simulated("a plan outlives a base that feeds it", "src/core/phase.ts", [
    'if (plan.confirmedBaseSha !== view.baseSha) return { kind: "base_moved", to: view.baseSha };',
    "",
  ]),
  simulated("a failed apply leaves its plan good", "src/core/phase.ts", [
    'return latest.headSha === view.headSha ? "apply_failed" : "unplanned";',
    'return latest.headSha === view.headSha && plan !== undefined ? planPhase(plan, state, view) : "unplanned";',
  ]),
  simulated("silence ends an apply", "src/core/run/on-run.ts", [
    'move(draft, run, work.dirspace, "unknown", "the job stopped answering");',
    'move(draft, run, work.dirspace, "failed", "the job stopped answering");',
  ]),
  simulated("the end of any job ends the run", "src/core/run/on-run.ts", [
    'what.how.kind === "never_started" && run.state === "running"',
    'what.how.kind === "never_started" && run.state === undefined',
  ]),
  simulated("unlock kills", "src/core/command/do/unlock.ts", [
    "if (stopping.length > 0) {",
    "if (stopping.length < 0) {",
  ]),
  simulated("unlock forgets to let go", "src/core/command/do/unlock.ts", [
    'if (released.length > 0) draft.write({ kind: "release_locks", dirspaces: released });',
    "",
  ]),
  simulated("locks stay after merge", "src/core/settle/settle-locks.ts", [
    'draft.write({ kind: "release_locks", dirspaces: released });',
    "",
  ]),
  simulated("a push supersedes applies too", "src/core/settle/supersede.ts", [
    'if (!isActive(run) || run.kind !== "plan" || run.headSha === view.headSha) continue;',
    "if (!isActive(run) || run.headSha === view.headSha) continue;",
  ]),
  simulated("old plans go on after a push", "src/core/settle/settle.ts", [
    "  supersedeOldPlans(draft, view);\n",
    "",
  ]),
  simulated("the own lock is in the way", "src/core/lock/in-the-way.ts", [
    "      lock.pullRequest !== number &&\n      meets(lock, state, view) &&\n      (lock.place < place || (!isOwn",
    "      meets(lock, state, view) &&\n      (lock.place <= place || (!isOwn",
  ]),
  simulated("locks of others are not in the way", "src/core/lock/in-the-way.ts", [
    '(lock.place < place || (!isOwn && lock.because === "applied")),',
    "lock.place < 0 && place >= 0 && isOwn,",
  ]),
];

export function simulated(
  name: string,
  file: string,
  [find, replace]: readonly [find: string, replace: string],
): Mutant {
  return { name, by: "simulation", edits: [{ file, find, replace }] };
}
