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
  comment_unconfirmed: { code: "comment_unconfirmed", because: "gone" },
  disabled: { code: "disabled" },
  nothing_affected: { code: "nothing_affected", deletedDirs: ["old"] },
  plans_current: { code: "plans_current" },
  autoplan_off: { code: "autoplan_off", dirspaces },
  draft_not_planned: { code: "draft_not_planned", dirspaces },
  autoapply_held: { code: "autoapply_held", dirspaces },
  autoapply_left: { code: "autoapply_left", dirspaces },
  event_outdated: { code: "event_outdated" },
  observed: { code: "observed" },
  indexing: { code: "indexing", runId, number: 3 },
  not_indexed: { code: "not_indexed", runId, number: 3, message: "the CI job ended (failure)" },
  unknown_command: { code: "unknown_command", word: "paln", nearest: "plan" },
  bad_query: { code: "bad_query", query: "a and", message: "Missing `b`", offset: 2 },
  query_matches_nothing: { code: "query_matches_nothing", query: "dir:x", available: dirspaces },
  not_permitted: { code: "not_permitted", login: "bob", has: "read", needs: "write" },
  access_denied: {
    code: "access_denied",
    login: "bob",
    operation: "apply",
    dirspaces,
    allowed: ["@ann", "team ops"],
    branch: "main",
    unreadable: ["team ops cannot be looked up: may not look"],
  },
  no_policy_matches: { code: "no_policy_matches", operation: "plan", dirspaces, branch: "main" },
  file_guarded: {
    code: "file_guarded",
    login: "bob",
    what: "config",
    path: ".terrane/config.yml",
    allowed: [],
    branch: "main",
    unreadable: [],
  },
  unlock_denied: {
    code: "unlock_denied",
    login: "bob",
    allowed: ["somebody with admin access"],
    branch: "main",
    unreadable: [],
  },
  access_control_off: { code: "access_control_off", operation: "apply-force" },
  comes_later: { code: "comes_later", command: "apply-autoapprove", nearest: "apply" },
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
  lookup_refused: { code: "lookup_refused", what: "files", message: "too many files" },
  graph_invalid: { code: "graph_invalid", messages: ["a depends on b, b on a"] },
  same_directory: { code: "same_directory", messages: ['"A" and "a" are the same directory'] },
  base_not_configured: { code: "base_not_configured", base: "dev", configured: ["main"] },
  source_not_configured: {
    code: "source_not_configured",
    base: "main",
    head: "fix/a",
    sources: ["feature/*"],
  },
  merge_conflict: { code: "merge_conflict", base: "main" },
  mergeability_unknown: { code: "mergeability_unknown" },
  draft: { code: "draft" },
  merge_first: { code: "merge_first", dirspaces },
  not_approved: { code: "not_approved", dirspaces, have: [], need: 1, missing: [], unreadable: [] },
  checks_not_passed: {
    code: "checks_not_passed",
    dirspaces,
    failed: ["lint"],
    pending: ["build"],
  },
  reviews_open: { code: "reviews_open", dirspaces, waitingFor: ["cyd", "team ops"] },
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
  stacks_unapplied: {
    code: "stacks_unapplied",
    stack: "apps",
    dirspaces,
    after: ["base"],
    waitFor: [aKey("vpc")],
  },
  predecessors_unapplied: { code: "predecessors_unapplied", dirspaces, waitFor: [aKey("vpc")] },
  nothing_to_apply: { code: "nothing_to_apply" },
  nothing_to_unlock: { code: "nothing_to_unlock" },
  unlock_unknown: { code: "unlock_unknown", what: "everything" },
  plan_started: { code: "plan_started", runId, dirspaces, why: "changed" },
  autoapply_started: {
    code: "autoapply_started",
    runId,
    dirspaces,
    approvedBy: ["bob"],
    merged: false,
  },
  order_reached: { code: "order_reached", planned: [aKey("vpc")], others: dirspaces },
  apply_started: { code: "apply_started", runId, dirspaces, approvedBy: ["bob"] },
  apply_forced: { code: "apply_forced", login: "bob", dirspaces },
  run_superseded: { code: "run_superseded", runId, head },
  run_finished: { code: "run_finished", runId },
  run_failed: { code: "run_failed", runId, message: "checkout: `git` ended with 128" },
  run_cancelled: { code: "run_cancelled", runId },
  run_silent: { code: "run_silent", runId },
  result_refused: {
    code: "result_refused",
    runId,
    dirspace: aKey("prod/db"),
    apply: true,
    said: "applied",
    stays: "failed",
  },
  locks_taken: { code: "locks_taken", dirspaces },
  locks_released: { code: "locks_released", dirspaces, why: "applied_and_merged" },
  locks_kept: { code: "locks_kept", dirspaces, why: "applied_not_merged" },
  unlock_waits: { code: "unlock_waits", dirspaces },
  unlock_forwarded: { code: "unlock_forwarded", to: [3, 4] },
  unlocked: { code: "unlocked", dirspaces },
  all_applied: { code: "all_applied" },
  lock_freed: { code: "lock_freed", by: 12 },
  now_approved: { code: "now_approved", by: ["bob"] },
  config_shown: {
    code: "config_shown",
    lines: ["parallel_runs: 2 # .terrane/config.yml:1"],
    linesOmitted: 0,
    files: [".terrane/config.yml"],
  },
  why_shown: {
    code: "why_shown",
    dirspace: dirspaces[0] ?? aKey("x"),
    phase: "planned",
    waits: [{ code: "apply_ready", dirspaces }],
  },
  why_unknown: { code: "why_unknown", target: "x", available: dirspaces },
  job_awaited: { code: "job_awaited", runId, number: 3, kind: "plan", dirspaces },
  job_works: { code: "job_works", runId, number: 3, kind: "apply", dirspaces },
  apply_ready: { code: "apply_ready", dirspaces },
  others_first: { code: "others_first", waits: [{ dirspace: aKey("prod/db"), by: 12 }] },
  queued: { code: "queued", position: 2, of: 3, behind: [12, 14] },
  turn_began: { code: "turn_began", planned: dirspaces, others: [aKey("x")] },
  turn_lapsed: { code: "turn_lapsed", behind: [15] },
  wait_ended: { code: "wait_ended", why: "nothing_left" },
  nothing_blocks: { code: "nothing_blocks" },
  no_drift_locks: { code: "no_drift_locks" },
  force_unlock_usage: { code: "force_unlock_usage" },
  force_unlock_unconfirmed: {
    code: "force_unlock_unconfirmed",
    what: "prod",
    number: 12,
    dirspaces,
  },
  force_unlock_denied: {
    code: "force_unlock_denied",
    login: "bob",
    has: "write",
    allowed: ["team:ops"],
    branch: "main",
    unreadable: [],
  },
  force_unlocked: { code: "force_unlocked", login: "eve", why: "the host is gone", dirspaces },
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
  expect(lines.join("\n")).toMatchSnapshot();
});

test("values of others cannot end the code they are shown in", () => {
  const { cause } = explain({ code: "unknown_command", word: "a`b @all`", nearest: undefined });
  expect(cause).toBe("There is no command `a'b @all'`.");
});
