import { expect, test } from "vitest";
import { aKey } from "../../test/support/comment-views.ts";
import type { CommitSha, RunId } from "../core/ids.ts";
import type { Reason, ReasonCode } from "../core/reason.ts";
import { explain, isRefusal } from "./reason-text.ts";

const dirspaces = [aKey("prod/db"), aKey("prod/app", "blue")];
const head = "abcdef0123456789abcdef0123456789abcdef01" as CommitSha;
const runId = "1.1" as RunId;

/** One of each; a new code does not compile before it is here. */
const ONE_OF_EACH: { readonly [C in ReasonCode]: Extract<Reason, { readonly code: C }> } = {
  pull_request_gone: { code: "pull_request_gone" },
  pull_request_closed: { code: "pull_request_closed" },
  not_a_command: { code: "not_a_command" },
  disabled: { code: "disabled" },
  nothing_affected: { code: "nothing_affected", deletedDirs: ["old"] },
  plans_current: { code: "plans_current" },
  autoplan_off: { code: "autoplan_off", dirspaces },
  draft_not_planned: { code: "draft_not_planned", dirspaces },
  event_outdated: { code: "event_outdated" },
  observed: { code: "observed" },
  unknown_command: { code: "unknown_command", word: "paln", nearest: "plan" },
  bad_query: { code: "bad_query", query: "a and", message: "Missing `b`", offset: 2 },
  query_matches_nothing: { code: "query_matches_nothing", query: "dir:x", available: dirspaces },
  not_permitted: { code: "not_permitted", login: "bob", has: "read", needs: "write" },
  untrusted_fork: { code: "untrusted_fork" },
  config_invalid: {
    code: "config_invalid",
    diagnostics: Array.from({ length: 5 }, (_, i) => ({
      severity: "error",
      code: "unknown_key",
      message: "there is no key `x`",
      file: ".terrane/config.yml",
      line: i + 1,
      column: 1,
      path: "x",
    })),
  },
  config_ambiguous: {
    code: "config_ambiguous",
    paths: [".terrane/config.yml", ".terrane/config.yaml"],
  },
  config_unreadable: { code: "config_unreadable", path: "a.yml", message: "too large" },
  graph_invalid: { code: "graph_invalid", messages: ["a depends on b, b on a"] },
  base_not_configured: { code: "base_not_configured", base: "dev", configured: ["main"] },
  merge_conflict: { code: "merge_conflict", base: "main" },
  mergeability_unknown: { code: "mergeability_unknown" },
  draft: { code: "draft" },
  merge_first: { code: "merge_first", dirspaces },
  not_approved: { code: "not_approved", dirspaces, have: [], need: 1, missing: [] },
  no_requirement_matches: { code: "no_requirement_matches", dirspaces },
  locked: {
    code: "locked",
    locks: [
      { dirspace: aKey("prod/db"), by: 12, because: "applied" },
      { dirspace: aKey("prod/app"), by: 9, because: "merged" },
    ],
  },
  apply_in_flight: { code: "apply_in_flight", dirspaces, by: 9 },
  apply_unknown: { code: "apply_unknown", dirspaces },
  not_planned: { code: "not_planned", dirspaces },
  plan_running: { code: "plan_running", dirspaces },
  plan_failed: { code: "plan_failed", dirspaces },
  plan_outdated: { code: "plan_outdated", dirspaces, head },
  plan_stale: { code: "plan_stale", dirspaces, because: { kind: "base_moved", to: head } },
  predecessors_unapplied: { code: "predecessors_unapplied", dirspaces, waitFor: [aKey("vpc")] },
  nothing_to_apply: { code: "nothing_to_apply" },
  nothing_to_unlock: { code: "nothing_to_unlock" },
  unlock_unknown: { code: "unlock_unknown", what: "everything" },
  plan_started: { code: "plan_started", runId, dirspaces, why: "changed" },
  apply_started: { code: "apply_started", runId, dirspaces, approvedBy: ["bob"] },
  run_superseded: { code: "run_superseded", runId, head },
  run_finished: { code: "run_finished", runId },
  run_failed: { code: "run_failed", runId, message: "checkout: `git` ended with 128" },
  run_cancelled: { code: "run_cancelled", runId },
  run_silent: { code: "run_silent", runId },
  locks_taken: { code: "locks_taken", dirspaces },
  locks_released: { code: "locks_released", dirspaces, why: "applied_and_merged" },
  locks_kept: { code: "locks_kept", dirspaces, why: "applied_not_merged" },
  unlock_waits: { code: "unlock_waits", dirspaces },
  unlock_forwarded: { code: "unlock_forwarded", to: [3, 4] },
  unlocked: { code: "unlocked", dirspaces },
  all_applied: { code: "all_applied" },
  lock_freed: { code: "lock_freed", by: 12 },
  now_approved: { code: "now_approved", by: ["bob"] },
  help_shown: { code: "help_shown" },
};

test.each(Object.values(ONE_OF_EACH))(
  "$code is said without apology, and its backquotes come in pairs",
  (reason) => {
    const { code, title, cause, next } = explain(reason);
    expect(code).toMatch(/^[EI]_[A-Z_]+$/);
    for (const text of [title, cause, ...(next === undefined ? [] : [next])]) {
      expect(text).not.toMatch(/!|sorry|please|undefined|\n|^\s|\s$/i);
      expect(text.split("`").length % 2).toBe(1);
    }
    for (const text of [cause, ...(next === undefined ? [] : [next])])
      expect(text).toMatch(/[.?]$/);
    expect(title).not.toMatch(/\.$/);
  },
);

test("every refusal says what to do next", () => {
  const refusals = Object.values(ONE_OF_EACH).filter(isRefusal);
  expect(refusals.length).toBeGreaterThan(25);
  for (const reason of refusals) expect(explain(reason).next, reason.code).toMatch(/\S/);
});

test("the words of all reasons", () => {
  const lines = Object.values(ONE_OF_EACH).map((reason) => {
    const { code, title, cause, next } = explain(reason);
    return [`${code}: ${title}`, `  ${cause}`, ...(next === undefined ? [] : [`  → ${next}`])].join(
      "\n",
    );
  });
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "I_PULL_REQUEST_GONE: Pull request not found
      The pull request does not exist any more, or Terrane may not see it.
    I_PULL_REQUEST_CLOSED: Pull request closed
      The pull request was closed without being merged, so nothing is planned or applied.
      → Reopen it to go on.
    I_NOT_A_COMMAND: Not a command
      The comment does not begin with \`terrane\` and a verb.
    I_DISABLED: Switched off
      The configuration says \`enabled: false\`.
      → Set \`enabled: true\` to use Terrane here.
    I_NOTHING_AFFECTED: Nothing to plan
      The pull request deletes \`old\` and affects no other dirspace. What was managed there still exists.
      → If something should be planned, look at \`dirs\` and \`when_modified\` in the configuration.
    I_PLANS_CURRENT: Plans are current
      Everything that is affected was planned at this commit already.
      → \`terrane plan\` plans again.
    I_AUTOPLAN_OFF: Not planned automatically
      The configuration says \`autoplan: false\` for \`prod/db\` and \`prod/app:blue\`.
      → \`terrane plan\` plans anyway.
    I_DRAFT_NOT_PLANNED: Drafts are not planned automatically
      The pull request is a draft, so \`prod/db\` and \`prod/app:blue\` wait until it is ready for review.
      → \`terrane plan\` plans now.
    I_EVENT_OUTDATED: Overtaken
      Something newer was already known when this event was looked at.
    I_OBSERVED: Seen
      The event changed nothing that would need a plan or an apply.
    E_UNKNOWN_COMMAND: Unknown command
      There is no command \`paln\`.
      → Did you mean \`terrane plan\`? \`terrane help\` lists the commands.
    E_BAD_QUERY: The query does not parse
      In \`a and\`, at character 3: Missing \`b\`.
      → Correct the query and comment again, for example \`terrane plan dir:prod and not dir:prod/db\`.
    E_QUERY_MATCHES_NOTHING: The query matches nothing
      \`dir:x\` matches none of the dirspaces of this pull request: \`prod/db\` and \`prod/app:blue\`.
      → Leave the query out for all of them, or use \`dir:\` with one of these directories.
    E_NOT_PERMITTED: Not permitted
      \`bob\` has the permission \`read\` in this repository; this needs \`write\`.
      → Ask somebody who has \`write\` to comment the same command.
    E_UNTRUSTED_FORK: The change comes from a fork
      A plan runs the code of the pull request with credentials of this repository, so nothing runs for a fork.
      → Push the branch to this repository and open the pull request from there.
    E_CONFIG_INVALID: The configuration has errors
      \`.terrane/config.yml:1:1\`: there is no key \`x\`. \`.terrane/config.yml:2:1\`: there is no key \`x\`. \`.terrane/config.yml:3:1\`: there is no key \`x\`. And 2 more errors.
      → Correct the file and push; Terrane reads it again by itself.
    E_CONFIG_AMBIGUOUS: More than one configuration file
      There are \`.terrane/config.yml\` and \`.terrane/config.yaml\`, and only one of them can count.
      → Keep one and delete the others.
    E_CONFIG_UNREADABLE: The configuration cannot be read
      \`a.yml\`: too large.
      → Correct the file and push; Terrane reads it again by itself.
    E_GRAPH_INVALID: The order of the dirspaces is contradictory
      a depends on b, b on a.
      → Correct \`depends_on\` in the configuration and push.
    E_BASE_NOT_CONFIGURED: Pull requests to this branch are not configured
      The pull request goes to \`dev\`; configured are \`main\`.
      → Change the base branch, or add \`dev\` to \`destination_branches\`.
    E_MERGE_CONFLICT: Merge conflict
      The pull request conflicts with \`main\`, so there is nothing well-defined to plan or apply.
      → Merge or rebase onto \`main\` and push; Terrane plans by itself.
    E_MERGEABILITY_UNKNOWN: Mergeability is not known yet
      It has not been worked out yet whether the pull request has conflicts.
      → Comment the same command again in a minute.
    E_DRAFT: The pull request is a draft
      Drafts are not applied.
      → Mark it ready for review, then comment \`terrane apply\`.
    E_MERGE_FIRST: Merge first
      The configuration wants \`prod/db\` and \`prod/app:blue\` applied after the merge.
      → Merge the pull request; \`terrane apply\` works there afterwards too.
    E_NOT_APPROVED: Approvals are missing
      \`prod/db\` and \`prod/app:blue\` need 1 approval of this commit by people other than the author, and has none.
      → Get the approvals, then comment \`terrane apply\`. An approval of an older commit does not count.
    E_NO_REQUIREMENT_MATCHES: No apply requirement matches
      No entry of \`apply_requirements.checks\` matches \`prod/db\` and \`prod/app:blue\`, so nothing says when to apply.
      → Add an entry to the configuration on the default branch whose \`tag_query\` matches.
    E_LOCKED: Locked by another pull request
      \`prod/db\` is locked by pull request 12, which applied it and is not merged yet; \`prod/app\` is locked by pull request 9, which was merged and has not applied it yet.
      → Finish pull requests 9 and 12, or give the locks up with \`terrane unlock 9 12\`.
    E_APPLY_IN_FLIGHT: An apply is running
      Pull request 9 is applying \`prod/db\` and \`prod/app:blue\` now.
      → Wait until it ends, then comment \`terrane apply\`.
    E_APPLY_UNKNOWN: An apply is in doubt
      Contact was lost while \`prod/db\` and \`prod/app:blue\` were being applied. The job may still be working.
      → Look at the CI job and end it there if it hangs. Once it has ended, comment \`terrane plan\`.
    E_NOT_PLANNED: Not planned
      There is no plan of this commit for \`prod/db\` and \`prod/app:blue\`.
      → Comment \`terrane plan\`.
    E_PLAN_RUNNING: The plan is still running
      \`prod/db\` and \`prod/app:blue\` are being planned.
      → Look at the plan when it is there, then comment \`terrane apply\`.
    E_PLAN_FAILED: The plan failed
      The plan of \`prod/db\` and \`prod/app:blue\` ended with an error.
      → Correct the cause and push, or comment \`terrane plan\` to try again.
    E_PLAN_OUTDATED: The plan is of an older commit
      \`prod/db\` and \`prod/app:blue\` were not planned at \`abcdef0\`, the newest commit.
      → Comment \`terrane plan\`.
    E_PLAN_STALE: The plan no longer holds
      The plan of \`prod/db\` and \`prod/app:blue\` was made before the base branch moved to \`abcdef0\`.
      → Comment \`terrane plan\`.
    E_PREDECESSORS_UNAPPLIED: Something else comes first
      \`prod/db\` and \`prod/app:blue\` depend on \`vpc\`, not applied yet.
      → Comment \`terrane apply\` for what comes first; what depends on it is planned afterwards.
    E_NOTHING_TO_APPLY: Nothing to apply
      Everything that is planned is applied already or has no changes.
      → \`terrane plan\` plans again.
    E_NOTHING_TO_UNLOCK: Nothing to unlock
      The pull request holds no lock.
      → To give up the locks of another pull request, name it: \`terrane unlock 12\`.
    E_UNLOCK_UNKNOWN: Nothing with that name can be unlocked
      \`everything\` is not the number of a pull request. Nothing was unlocked.
      → \`terrane unlock\` gives up the locks of this pull request, \`terrane unlock 12\` those of pull request 12.
    I_PLAN_STARTED: Plan started
      \`prod/db\` and \`prod/app:blue\`: changed by the pull request.
    I_APPLY_STARTED: Apply started
      \`prod/db\` and \`prod/app:blue\` are applied as planned, approved by \`bob\`.
    I_RUN_SUPERSEDED: Run overtaken
      The pull request moved on to \`abcdef0\` while the run was working.
    I_RUN_FINISHED: Run finished
      The CI job did all its work.
    I_RUN_FAILED: Run failed
      checkout: \`git\` ended with 128.
      → Look at the CI job; \`terrane plan\` tries again.
    I_RUN_CANCELLED: Run cancelled
      The run was stopped before it had done all its work.
      → \`terrane plan\` starts again.
    I_RUN_SILENT: No sign of life
      Nothing was heard of the CI job for too long. An apply it had begun may still be working.
      → Look at the CI job and end it there if it hangs.
    I_LOCKS_TAKEN: Locked
      \`prod/db\` and \`prod/app:blue\` belong to this pull request until both applied and merged.
    I_LOCKS_RELEASED: Locks released
      \`prod/db\` and \`prod/app:blue\` are free: applied and merged.
    I_LOCKS_KEPT: Locks kept
      \`prod/db\` and \`prod/app:blue\` stay locked: applied and not merged yet.
      → Merge the pull request, or comment \`terrane unlock\` to give the lock up.
    I_UNLOCK_WAITS: Unlock waits for an apply
      \`prod/db\` and \`prod/app:blue\` are being applied. The apply was asked to stop; the lock goes when it has ended.
    I_UNLOCK_FORWARDED: Unlock passed on
      The locks of pull requests 3 and 4 are given up there.
    I_UNLOCKED: Unlocked
      \`prod/db\` and \`prod/app:blue\` are free again.
      → Plans made before no longer count: \`terrane plan\` makes new ones.
    I_ALL_APPLIED: All applied
      Every affected dirspace is applied.
    I_LOCK_FREED: A lock was released
      Pull request 12 gave up what this pull request was refused for.
      → Comment \`terrane apply\`.
    I_NOW_APPROVED: Approved
      The approvals that were missing are there: \`bob\`.
      → Comment \`terrane apply\`.
    I_HELP_SHOWN: Help
      These are the commands."
  `);
});

test("values of others cannot end the code they are shown in", () => {
  const { cause } = explain({ code: "unknown_command", word: "a`b @all`", nearest: undefined });
  expect(cause).toBe("There is no command `a'b @all'`.");
});
