import type { Instant } from "../base/brand.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Affected } from "./change/affected.ts";
import { compareText, type DirspaceKey, dirspaceKey } from "./change/dirspace.ts";
import type { Write } from "./decision.ts";
import type { RunId } from "./ids.ts";
import { projectLocks } from "./lock/project-locks.ts";
import type { Unmerged } from "./merge/unmerged.ts";
import { projectRun } from "./run/project-run.ts";
import { hasEnded, type Work } from "./run/work.ts";
import type { DirspaceState, Snapshot } from "./snapshot.ts";

/** The snapshot as it will read once the write is stored. */
export function project(snapshot: Snapshot, write: Write, at: Instant): Snapshot {
  switch (write.kind) {
    case "observe": {
      const before = snapshot.pullRequest.view;
      const merged = before?.state === "open" && write.view.state === "merged";
      const unlocked = snapshot.pullRequest.unlocked && !merged;
      return withPullRequest(snapshot, { view: write.view, unlocked });
    }
    case "let_go":
      return withPullRequest(snapshot, { unlocked: true });
    case "forget_results":
      return withPullRequest(
        {
          ...snapshot,
          dirspaces: snapshot.dirspaces.map((state) => ({
            ...state,
            plan: undefined,
            apply: undefined,
            granted: false,
          })),
        },
        { unlocked: true, unlockRequested: false },
      );
    case "answer_comment":
      return withPullRequest(snapshot, {
        answeredComments: [...snapshot.pullRequest.answeredComments, write.commentId],
      });
    case "set_notice":
      return withPullRequest(snapshot, { notice: write.notice });
    case "note_group":
      return withPullRequest(snapshot, { queued: write.queued });
    case "note_unmerged":
      return withUnmerged(snapshot, write.unmerged);
    case "note_reviewers": {
      const { headSha, terms } = write;
      return withPullRequest(snapshot, { reviewersAsked: { headSha, terms } });
    }
    case "set_gate_approvals":
      return withPullRequest(snapshot, { gateApprovals: write.approvals });
    case "set_unlock_requested":
      return withPullRequest(snapshot, { unlockRequested: write.requested });
    case "record_change_set":
      return withChangeSet(snapshot, write);
    case "create_run":
    case "fill_run":
    case "prepare_next":
    case "remember_command":
    case "dispatched":
    case "request_cancel":
    case "end_run":
      return projectRun(snapshot, write, at);
    case "move_work":
      return moveWork(snapshot, write);
    case "mark_stale":
      return changePlan(snapshot, write.runId, write.dirspace, { stale: write.because });
    case "confirm_base":
      return changePlan(snapshot, write.runId, write.dirspace, { confirmedBaseSha: write.baseSha });
    case "take_locks":
    case "release_locks":
    case "wait":
    case "set_turn":
    case "leave_queue":
      return projectLocks(snapshot, write, at);
    default:
      return unreachable(write);
  }
}

function withPullRequest(snapshot: Snapshot, change: Partial<Snapshot["pullRequest"]>): Snapshot {
  return { ...snapshot, pullRequest: { ...snapshot.pullRequest, ...change } };
}

function withChangeSet(
  snapshot: Snapshot,
  write: Extract<Write, { kind: "record_change_set" }>,
): Snapshot {
  const { kind: _kind, affected: _affected, ...changeSet } = write;
  const dirspaces = withAffected(snapshot.dirspaces, write.affected);
  return withPullRequest({ ...snapshot, dirspaces }, { changeSet });
}

function withUnmerged(snapshot: Snapshot, unmerged: Unmerged | undefined): Snapshot {
  const { unmerged: _before, ...pullRequest } = snapshot.pullRequest;
  const more = unmerged === undefined ? {} : { unmerged };
  return { ...snapshot, pullRequest: { ...pullRequest, ...more } };
}

function withAffected(
  states: readonly DirspaceState[],
  affected: readonly Affected[],
): readonly DirspaceState[] {
  const wanted = new Map(affected.map((one) => [dirspaceKey(one.dirspace), one]));
  const kept = states.map((state) => ({ ...state, affected: wanted.get(state.key) }));
  const known = new Set(states.map((state) => state.key));
  const added = [...wanted].filter(([key]) => !known.has(key)).map(([key, one]) => fresh(key, one));
  return [...kept, ...added].sort((a, b) => compareText(a.key, b.key));
}

function fresh(key: DirspaceKey, affected: Affected): DirspaceState {
  return {
    key,
    dirspace: affected.dirspace,
    affected,
    plan: undefined,
    apply: undefined,
    granted: false,
    locks: [],
    waits: [],
    inFlight: undefined,
    lastFence: 0,
    lastSeq: 0,
  };
}

function moveWork(snapshot: Snapshot, write: Extract<Write, { kind: "move_work" }>): Snapshot {
  const failure = write.to === "failed" ? write.because : undefined;
  const moved = (work: Work | undefined): Work | undefined =>
    work?.runId === write.runId && !hasEnded(work.state)
      ? { ...work, state: write.to, failure: failure ?? work.failure }
      : work;
  const dirspaces = snapshot.dirspaces.map((state) => {
    if (state.key !== write.dirspace) return state;
    const ends = state.inFlight?.runId === write.runId && hasEnded(write.to);
    return {
      ...state,
      plan: moved(state.plan),
      apply: moved(state.apply),
      inFlight: ends ? undefined : state.inFlight,
    };
  });
  const runs = snapshot.runs.map((run) =>
    run.id !== write.runId
      ? run
      : {
          ...run,
          works: run.works.map((work) =>
            work.dirspace === write.dirspace ? { ...work, state: write.to } : work,
          ),
        },
  );
  return { ...snapshot, dirspaces, runs };
}

function changePlan(
  snapshot: Snapshot,
  runId: RunId,
  key: DirspaceKey,
  change: Partial<Pick<Work, "stale" | "confirmedBaseSha">>,
): Snapshot {
  const dirspaces = snapshot.dirspaces.map((state) =>
    state.key === key && state.plan?.runId === runId
      ? { ...state, plan: { ...state.plan, ...change } }
      : state,
  );
  return { ...snapshot, dirspaces };
}
