import type { Instant } from "../base/brand.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Affected } from "./change/affected.ts";
import { compareText, type DirspaceKey, dirspaceKey } from "./change/dirspace.ts";
import type { FilledRun, NewRun, Write } from "./decision.ts";
import type { RunId } from "./ids.ts";
import { changeWait, joinQueue, releaseLocks, takeLocks } from "./lock/project-locks.ts";
import type { Run } from "./run/run.ts";
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
    case "set_unlock_requested":
      return withPullRequest(snapshot, { unlockRequested: write.requested });
    case "record_change_set": {
      const { headSha, baseSha, parallel, deletedDirs, warnings } = write;
      const changeSet = { headSha, baseSha, parallel, deletedDirs, warnings };
      return withPullRequest(
        { ...snapshot, dirspaces: withAffected(snapshot.dirspaces, write.affected) },
        { changeSet },
      );
    }
    case "create_run":
      return withRun(snapshot, write.run, at);
    case "fill_run":
      return filled(snapshot, write.run);
    case "remember_command":
      return changeRun(snapshot, write.runId, (run) =>
        run.preparing === undefined
          ? run
          : { ...run, preparing: { ...run.preparing, command: write.command } },
      );
    case "dispatched":
      return changeRun(snapshot, write.runId, (run) =>
        run.state === "queued" ? { ...run, state: "dispatched" } : run,
      );
    case "request_cancel":
      return changeRun(snapshot, write.runId, (run) => ({ ...run, cancelRequested: true }));
    case "end_run":
      return changeRun(snapshot, write.runId, (run) => ({
        ...run,
        state: "ended",
        outcome: write.outcome,
        ...(write.message === undefined ? {} : { message: write.message }),
      }));
    case "move_work":
      return moveWork(snapshot, write);
    case "mark_stale":
      return changePlan(snapshot, write.runId, write.dirspace, { stale: write.because });
    case "confirm_base":
      return changePlan(snapshot, write.runId, write.dirspace, { confirmedBaseSha: write.baseSha });
    case "take_locks":
      return takeLocks(snapshot, write, at);
    case "release_locks":
      return releaseLocks(snapshot, write);
    case "wait":
      return joinQueue(snapshot, write);
    case "set_turn":
      return changeWait(snapshot, (wait) => ({ ...wait, turnSince: write.since }));
    case "leave_queue":
      return changeWait(snapshot, () => undefined);
    default:
      return unreachable(write);
  }
}

function withPullRequest(snapshot: Snapshot, change: Partial<Snapshot["pullRequest"]>): Snapshot {
  return { ...snapshot, pullRequest: { ...snapshot.pullRequest, ...change } };
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

/** The dirspaces with the works of the run. */
function withWorks(snapshot: Snapshot, run: FilledRun): readonly DirspaceState[] {
  const units = new Map(run.units.map((unit) => [unit.dirspace, unit]));
  return snapshot.dirspaces.map((state) => {
    const unit = units.get(state.key);
    if (unit === undefined) return state;
    const work: Work = {
      runId: run.id,
      runNumber: run.number,
      op: run.kind,
      state: "queued",
      headSha: run.headSha,
      baseSha: run.baseSha,
      confirmedBaseSha: run.baseSha,
      planDigest: unit.plan?.digest,
      changed: undefined,
      counts: undefined,
      fenceSeen: state.lastFence,
      stale: undefined,
      seq: state.lastSeq + 1,
      waitingFor: [],
      failure: undefined,
      fence: undefined,
    };
    return { ...state, lastSeq: work.seq, [run.kind]: work };
  });
}

function filled(snapshot: Snapshot, run: FilledRun): Snapshot {
  const { headSha, baseSha, actor } = run;
  const next = { ...snapshot, dirspaces: withWorks(snapshot, run) };
  const works = queuedWorks(run);
  return changeRun(next, run.id, (before) => ({ ...before, headSha, baseSha, actor, works }));
}

function queuedWorks(run: FilledRun): Run["works"] {
  return run.units.map((unit) => ({ dirspace: unit.dirspace, state: "queued" as const }));
}

function withRun(snapshot: Snapshot, run: NewRun, at: Instant): Snapshot {
  const { prepares } = run;
  const added: Run = {
    id: run.id,
    number: run.number,
    kind: run.kind,
    state: "queued",
    outcome: undefined,
    headSha: run.headSha,
    baseSha: run.baseSha,
    attemptId: run.attemptId,
    actor: run.actor,
    forced: run.forced,
    cancelRequested: false,
    createdAt: at,
    ...(prepares === undefined
      ? {}
      : { preparing: { prepares, prepared: [], command: undefined } }),
    works: queuedWorks(run),
  };
  const next = {
    ...snapshot,
    dirspaces: withWorks(snapshot, run),
    runs: [...snapshot.runs, added],
    lastRunNumber: run.number,
  };
  return run.kind === "apply" ? withPullRequest(next, { unlocked: false }) : next;
}

function changeRun(snapshot: Snapshot, id: RunId, change: (run: Run) => Run): Snapshot {
  return { ...snapshot, runs: snapshot.runs.map((run) => (run.id === id ? change(run) : run)) };
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
