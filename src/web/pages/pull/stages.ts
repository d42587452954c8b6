import { count } from "../../../base/text.ts";
import type { DirspaceView, PullRequestDetail, RunSummary } from "../../../contract/views.ts";

export interface Stage {
  readonly name: "Plan" | "Review" | "Apply" | "Merge";
  readonly state: "done" | "active" | "failed" | "blocked" | "todo";
  readonly text: string;
  /** The last run of this stage. */
  readonly run: RunSummary | undefined;
}

/** Where a pull request stands between its first plan and its merge. Shows what is stored; decides nothing. */
export function stagesOf(pull: PullRequestDetail): readonly Stage[] {
  const stages = [planStage(pull), reviewStage(pull), applyStage(pull), mergeStage(pull)];
  return stages.filter((stage) => stage !== undefined);
}

function planStage(pull: PullRequestDetail): Stage {
  const run = lastRun(pull, "plan");
  const n = tally(pull.dirspaces);
  const total = pull.dirspaces.length;
  const base = { name: "Plan", run } as const;
  if (total === 0) {
    return pull.settled
      ? { ...base, state: "done", text: "Nothing affected" }
      : { ...base, state: "active", text: "Working out what it affects" };
  }
  if (n("planning") > 0) {
    const done = total - n("planning", "waiting", "unplanned", "stale");
    return { ...base, state: "active", text: `${done} of ${total} planned` };
  }
  if (n("plan_failed") > 0) return { ...base, state: "failed", text: `${n("plan_failed")} failed` };
  if (n("stale") > 0) return { ...base, state: "blocked", text: `${n("stale")} out of date` };
  if (n("unplanned") > 0) return { ...base, state: "todo", text: `${n("unplanned")} not planned` };
  const changed = total - n("unchanged", "waiting");
  const waiting = n("waiting") > 0 ? `, ${n("waiting")} waiting` : "";
  return {
    ...base,
    state: "done",
    text: `${changed} changed, ${n("unchanged")} unchanged${waiting}`,
  };
}

/** Reviews of a remote pull request live in its VCS. */
function reviewStage(pull: PullRequestDetail): Stage | undefined {
  if (pull.local === null) return undefined;
  const verdicts = [...verdictsOf(pull).values()];
  const refused = verdicts.filter(({ verdict }) => verdict === "changes_requested").length;
  const current = verdicts.filter(
    ({ verdict, commit }) => verdict === "approved" && commit === pull.headSha,
  ).length;
  const base = { name: "Review", run: undefined } as const;
  if (refused > 0) return { ...base, state: "failed", text: "Changes requested" };
  if (current > 0) return { ...base, state: "done", text: count(current, "approval") };
  const old = verdicts.some(({ verdict }) => verdict === "approved");
  return { ...base, state: "todo", text: old ? "Approved an older commit" : "No approval yet" };
}

function applyStage(pull: PullRequestDetail): Stage {
  const n = tally(pull.dirspaces);
  const base = { name: "Apply", run: lastRun(pull, "apply") } as const;
  const applied = n("applied");
  const total = pull.dirspaces.length - n("unchanged");
  const text = `${applied} of ${total} applied`;
  if (n("applying") > 0) return { ...base, state: "active", text };
  if (n("apply_failed") > 0)
    return { ...base, state: "failed", text: `${n("apply_failed")} failed` };
  if (n("unknown") > 0) return { ...base, state: "failed", text: `${n("unknown")} unknown` };
  if (pull.dirspaces.length === 0 && !pull.settled) {
    return { ...base, state: "todo", text: "After the plan" };
  }
  if (total === 0) return { ...base, state: "done", text: "Nothing to apply" };
  if (applied === total) return { ...base, state: "done", text: `All ${total} applied` };
  return { ...base, state: "todo", text: applied === 0 ? `${total} to apply` : text };
}

function mergeStage(pull: PullRequestDetail): Stage {
  const base = { name: "Merge", run: undefined } as const;
  if (pull.state === "merged") return { ...base, state: "done", text: `Into ${pull.baseRef}` };
  if (pull.state === "closed") return { ...base, state: "blocked", text: "Closed" };
  if (pull.draft) return { ...base, state: "blocked", text: "Still a draft" };
  switch (pull.local?.mergeable) {
    case "conflict":
      return { ...base, state: "blocked", text: `Conflicts with ${pull.baseRef}` };
    case "unknown":
      return { ...base, state: "todo", text: "Being checked" };
    default:
      return { ...base, state: "todo", text: `Into ${pull.baseRef}` };
  }
}

export interface Verdict {
  readonly verdict: "approved" | "changes_requested";
  readonly commit: string;
  readonly at: string;
}

/** The last word of each reviewer. */
export function verdictsOf(pull: PullRequestDetail): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const entry of pull.local?.conversation ?? []) {
    if (entry.kind !== "review") continue;
    if (entry.verdict === "dismissed") verdicts.delete(entry.author);
    else verdicts.set(entry.author, { verdict: entry.verdict, commit: entry.commit, at: entry.at });
  }
  return verdicts;
}

function tally(
  dirspaces: readonly DirspaceView[],
): (...phases: readonly DirspaceView["phase"][]) => number {
  return (...phases) => dirspaces.filter(({ phase }) => phases.includes(phase)).length;
}

function lastRun(pull: PullRequestDetail, kind: RunSummary["kind"]): RunSummary | undefined {
  let last: RunSummary | undefined;
  for (const run of pull.runs) {
    if (run.kind === kind && (last === undefined || run.createdAt > last.createdAt)) last = run;
  }
  return last;
}
