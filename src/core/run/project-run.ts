import type { Instant } from "../../base/brand.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { FilledRun, NewRun, Write } from "../decision.ts";
import type { RunId } from "../ids.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import type { Run } from "./run.ts";
import type { Work } from "./work.ts";

type RunWrite = Extract<
  Write,
  {
    kind:
      | "create_run"
      | "fill_run"
      | "prepare_next"
      | "remember_command"
      | "dispatched"
      | "request_cancel"
      | "end_run";
  }
>;

/** The snapshot as it will read once the write about a run is stored. */
export function projectRun(snapshot: Snapshot, write: RunWrite, at: Instant): Snapshot {
  switch (write.kind) {
    case "create_run":
      return withRun(snapshot, write.run, at);
    case "fill_run":
      return filled(snapshot, write.run);
    case "prepare_next":
      return changeRun(snapshot, write.runId, (run) =>
        run.preparing === undefined
          ? run
          : {
              ...run,
              preparing: {
                ...run.preparing,
                prepares: [...run.preparing.prepares, write.what],
              },
            },
      );
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
      return changeRun(cancelled(snapshot, write.runId), write.runId, (run) => ({
        ...run,
        cancelRequested: true,
      }));
    case "end_run":
      return changeRun(snapshot, write.runId, (run) => ({
        ...run,
        state: "ended",
        outcome: write.outcome,
        ...(write.message === undefined ? {} : { message: write.message }),
      }));
    default:
      return unreachable(write);
  }
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
      ...(unit.basis === undefined ? {} : { basis: unit.basis }),
      seq: state.lastSeq + 1,
      waitingFor: [],
      failure: undefined,
      fence: undefined,
    };
    return { ...state, lastSeq: work.seq, [run.kind]: work };
  });
}

/** The dirspaces whose latest works are of the run, which is told to stop. */
function cancelled(snapshot: Snapshot, id: RunId): Snapshot {
  const marked = (work: Work | undefined): Work | undefined =>
    work?.runId === id ? { ...work, cancelRequested: true } : work;
  const dirspaces = snapshot.dirspaces.map((state) => ({
    ...state,
    plan: marked(state.plan),
    apply: marked(state.apply),
  }));
  return { ...snapshot, dirspaces };
}

function filled(snapshot: Snapshot, run: FilledRun): Snapshot {
  const { headSha, baseSha, actor } = run;
  const next = { ...snapshot, dirspaces: withWorks(snapshot, run) };
  const works = queuedWorks(run);
  return changeRun(next, run.id, (before) => ({
    ...before,
    headSha,
    baseSha,
    actor,
    ...told(run),
    works,
  }));
}

function told({ settings }: FilledRun): Pick<Run, "told"> {
  return settings?.resultComments === undefined ? {} : { told: true };
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
    ...(run.autoApprove === true ? { autoApprove: true } : {}),
    cancelRequested: false,
    createdAt: at,
    ...(prepares === undefined
      ? {}
      : { preparing: { prepares, prepared: [], command: undefined } }),
    ...told(run),
    works: queuedWorks(run),
  };
  const next = {
    ...snapshot,
    dirspaces: withWorks(snapshot, run),
    runs: [...snapshot.runs, added],
    lastRunNumber: run.number,
  };
  if (run.kind !== "apply") return next;
  return { ...next, pullRequest: { ...next.pullRequest, unlocked: false } };
}

function changeRun(snapshot: Snapshot, id: RunId, change: (run: Run) => Run): Snapshot {
  return { ...snapshot, runs: snapshot.runs.map((run) => (run.id === id ? change(run) : run)) };
}
