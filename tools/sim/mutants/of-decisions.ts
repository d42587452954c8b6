import type { Mutant } from "./mutant.ts";

/** Bugs in what is decided: `src/core`. */
export const OF_DECISIONS: readonly Mutant[] = [
  simulated("grant: the head is not compared", "src/core/run/grant.ts", [
    "if (view.headSha !== plan.headSha) {",
    "if (view.headSha === undefined) {",
  ]),
  simulated(
    "apply: a command that was heard late applies what was planned since",
    "src/core/command/do/unseen-plans.ts",
    [
      "plan.endedAt > writtenAt + CLOCKS_APART_MS",
      "plan.endedAt > writtenAt + 1_000 * CLOCKS_APART_MS",
    ],
  ),
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
  // Without the check alone the raised fence refuses it all the same: the bug is to mean well and give it again.
  {
    name: "grant: given again to who asks again, and no constraint",
    by: "simulation",
    edits: [
      {
        file: "src/core/run/grant.ts",
        find: 'if (work.state !== "queued" && work.state !== "running") {',
        replace:
          'const given = work.state === "granted" ? state.plan?.runId : undefined;\n  if (given !== undefined) return { kind: "granted", planRunId: given };\n  if (work.state !== "queued" && work.state !== "running") {',
      },
      {
        file: "test/support/memory-store/grant.ts",
        find: "if (other.dirspaceId === row.dirspaceId)",
        replace: "if (other.dirspaceId === undefined)",
      },
    ],
  },
  // Whoever applies has raised the fence, which makes the plan of everybody else stale: that is taken away as well.
  {
    name: "grant: another apply in flight does not matter, and no index, and no fence",
    by: "simulation",
    edits: [
      {
        file: "src/core/phase.ts",
        find: 'if (plan.fenceSeen < state.lastFence) return { kind: "applied_elsewhere" };',
        replace: "",
      },
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
  simulated("gates: what hooks have not asked yet is not waited for", "src/core/policy/gate.ts", [
    "if (state.plan?.gatesUnasked === true) {",
    "if (state.plan?.gatesUnasked === undefined && state.plan === undefined) {",
  ]),
  simulated("gates: approvals of older commits count", "src/core/policy/gate.ts", [
    "if (token === gate.token && headSha === view.headSha && by.id !== view.author.id) {",
    "if (token === gate.token && headSha !== undefined && by.id !== view.author.id) {",
  ]),
  simulated("gates: whoever approved one has approved all", "src/core/policy/gate.ts", [
    "if (token === gate.token && headSha === view.headSha && by.id !== view.author.id) {",
    "if (headSha === view.headSha && by.id !== view.author.id) {",
  ]),
  simulated("teams: everybody is in every team", "src/core/policy/terms.ts", [
    "if (known !== undefined) return known.member ? YES : NO;",
    "if (known !== undefined) return known.member !== undefined ? YES : NO;",
  ]),
  simulated("forks are trusted", "src/core/inputs.ts", [
    'if (fork.kind === "untrusted") return stopped(view, fork.reason);',
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
  // Its own fence makes the plan stale as well: it has to be left out of that too.
  {
    name: "a failed apply leaves its plan good",
    by: "simulation",
    edits: [
      {
        file: "src/core/phase.ts",
        find: 'return latest.headSha === view.headSha ? "apply_failed" : "unplanned";',
        replace:
          'return latest.headSha === view.headSha && plan !== undefined ? planPhase(plan, state, view) : "unplanned";',
      },
      {
        file: "src/core/phase.ts",
        find: "if (plan.fenceSeen < state.lastFence)",
        replace: "if (plan.fenceSeen + (state.granted ? 1 : 0) < state.lastFence)",
      },
    ],
  },
  simulated("silence ends an apply", "src/core/run/on-run.ts", [
    'move(draft, run, work.dirspace, "unknown", "the job stopped answering");',
    'move(draft, run, work.dirspace, "failed", "the job stopped answering");',
  ]),
  // The check in the decision is the second one, behind the store's: what is left is to ask about the wrong job.
  simulated("the end of any job ends the run", "src/engine/watch.ts", [
    "const status = await ci.status(repository.ref, attempt.attempt, attempt.ciRun);",
    "const status = await ci.status(repository.ref, attempt.attempt, undefined);",
  ]),
  simulated("unlock kills", "src/core/command/do/unlock.ts", [
    "if (stopping.length > 0) {",
    "if (stopping.length < 0) {",
  ]),
  // What belongs to nobody is let go of when the locks are settled, too: that is left out with it.
  {
    name: "unlock forgets to let go",
    by: "simulation",
    edits: [
      {
        file: "src/core/command/do/unlock.ts",
        find: 'if (released.length > 0) draft.write({ kind: "release_locks", dirspaces: released });',
        replace: "",
      },
      {
        file: "src/core/settle/settle-locks.ts",
        find: "if (owned.length === 0) return undefined;",
        replace: "if (owned.length === 0 || pullRequest.unlocked) return undefined;",
      },
    ],
  },
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
