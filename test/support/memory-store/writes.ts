import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import { dirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { Write } from "../../../src/core/decision.ts";
import type { PullRequestEvent } from "../../../src/core/event.ts";
import type { RunId } from "../../../src/core/ids.ts";
import { hasEnded } from "../../../src/core/run/work.ts";
import type { StoredPullRequest } from "../../../src/ports/engine-store.ts";
import { tellApplyEnded, tellAttemptOver } from "./ci-queue.ts";
import { putRun, putWork, refuse, workKey } from "./constraints.ts";
import { fillRun, insertRun } from "./create-run.ts";
import type { MemoryDatabase } from "./database.ts";
import { ensureDirspaces, findDirspace } from "./dirspaces.ts";
import { STORE_LOCKS } from "./locks.ts";
import { changePullRequest, needPullRequest } from "./pull-requests.ts";
import type { RunRow, WorkRow } from "./rows.ts";
import { stored } from "./stored.ts";
import { pairKey } from "./tables.ts";

export function storeWrites(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  event: PullRequestEvent,
  writes: readonly Write[],
): void {
  for (const write of writes) {
    if (write.kind === "create_run") insertRun(db, pullRequest, event, write.run);
    else (STORE[write.kind] as Store<typeof write.kind>)(db, pullRequest, write);
  }
}

type Store<K extends Write["kind"]> = (
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  write: Extract<Write, { kind: K }>,
) => void;

const STORE: { readonly [K in Exclude<Write["kind"], "create_run">]: Store<K> } = {
  observe(db, { id }, { view }) {
    const row = needPullRequest(db, id);
    const merges = row.view?.state === "open" && view.state === "merged";
    const unlocked = row.unlocked && !merges;
    const observedSeq = row.observedSeq + 1;
    changePullRequest(db, id, { view: stored(view), observedSeq, unlocked });
  },
  record_change_set: recordChangeSet,
  dispatched(db, _, { runId }) {
    changeRun(db, runId, (run) => (run.state === "queued" ? { ...run, state: "dispatched" } : run));
  },
  fill_run(db, pullRequest, { run }) {
    fillRun(db, pullRequest, run);
  },
  prepare_next(db, _, { runId, what, order }) {
    changeRun(db, runId, (run) =>
      run.state === "ended" || run.prepares.includes(what)
        ? run
        : { ...run, prepares: [...run.prepares, what], build: stored(order) },
    );
  },
  remember_command(db, _, { runId, command }) {
    changeRun(db, runId, (run) =>
      run.prepares.length === 0 ? run : { ...run, command: stored(command) },
    );
  },
  end_run(db, _, { runId, outcome, message }) {
    if (db.tables.runs.get(runId)?.state === "ended") return;
    changeRun(db, runId, (run) => ({
      ...run,
      state: "ended",
      outcome,
      message: stored(message) ?? run.message,
      endedAt: db.now,
    }));
    for (const { id } of db.tables.attemptsOf.of(runId)) tellAttemptOver(db, id);
  },
  request_cancel(db, _, { runId }) {
    for (const attempt of db.tables.attemptsOf.of(runId)) {
      const cancelRequestedAt = attempt.cancelRequestedAt ?? db.now;
      db.tables.attempts.put(attempt.id, { ...attempt, cancelRequestedAt });
    }
  },
  move_work(db, pullRequest, { runId, dirspace, to, because }) {
    const work = findWork(db, pullRequest, runId, dirspace);
    if (work === undefined || work.endedAt !== undefined) return;
    const endedAt = hasEnded(to) ? db.now : undefined;
    putWork(db, { ...work, state: to, because: stored(because), endedAt });
    if (work.op === "apply" && endedAt !== undefined) tellApplyEnded(db, work);
  },
  mark_stale(db, pullRequest, { runId, dirspace, because }) {
    const work = findWork(db, pullRequest, runId, dirspace);
    if (work !== undefined) putWork(db, { ...work, stale: because });
  },
  confirm_base(db, pullRequest, { runId, dirspace, baseSha }) {
    const work = findWork(db, pullRequest, runId, dirspace);
    if (work !== undefined) putWork(db, { ...work, confirmedBaseSha: baseSha });
  },
  ...STORE_LOCKS,
  note_group(db, { id }, { queued }) {
    changePullRequest(db, id, { queued });
  },
  note_unmerged(db, { id }, { unmerged }) {
    changePullRequest(db, id, { unmerged: stored(unmerged) });
  },
  note_reviewers(db, { id }, { headSha, terms }) {
    changePullRequest(db, id, { reviewersAsked: { headSha, terms } });
  },
  set_gate_approvals(db, { id }, { approvals }) {
    changePullRequest(db, id, { gateApprovals: approvals });
  },
  answer_comment(db, { id }, { commentId }) {
    const { obeyedComments } = needPullRequest(db, id);
    if (obeyedComments.includes(commentId)) return;
    changePullRequest(db, id, { obeyedComments: [...obeyedComments, commentId] });
  },
  set_unlock_requested(db, { id }, { requested }) {
    changePullRequest(db, id, { unlockRequested: requested });
  },
  let_go(db, { id }) {
    changePullRequest(db, id, { unlocked: true });
  },
  forget_results(db, { id }) {
    for (const work of db.tables.worksOfPullRequest.of(id)) {
      if (!work.forgotten) putWork(db, { ...work, forgotten: true });
    }
    changePullRequest(db, id, { unlocked: true, unlockRequested: false });
  },
  set_notice(db, { id }, { notice }) {
    changePullRequest(db, id, { notice: stored(notice) });
  },
};

function changeRun(db: MemoryDatabase, id: RunId, change: (run: RunRow) => RunRow): void {
  const run = db.tables.runs.get(id);
  if (run !== undefined) putRun(db, change(run));
}

function recordChangeSet(
  db: MemoryDatabase,
  { id, repository }: StoredPullRequest,
  write: Extract<Write, { kind: "record_change_set" }>,
): void {
  const { kind: _kind, affected, ...record } = write;
  const { members, membersOf } = db.tables;
  const wanted = stored(affected);
  ensureDirspaces(
    db,
    repository.id,
    wanted.map((one) => one.dirspace),
  );
  changePullRequest(db, id, { changeSet: stored(record) });
  const ids = new Set<number>();
  for (const one of wanted) {
    const row = findDirspace(db, repository.id, dirspaceKey(one.dirspace));
    if (row === undefined) refuse("dirspace", "it was just made");
    ids.add(row.id);
    members.put(pairKey(id, row.id), { pullRequestId: id, dirspaceId: row.id, affected: one });
  }
  for (const member of membersOf.of(id)) {
    if (ids.has(member.dirspaceId) || member.affected === undefined) continue;
    members.put(pairKey(id, member.dirspaceId), { ...member, affected: undefined });
  }
}

export function findWork(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  runId: RunId,
  key: DirspaceKey,
): WorkRow | undefined {
  const dirspace = findDirspace(db, pullRequest.repository.id, key);
  return dirspace === undefined ? undefined : db.tables.works.get(workKey(runId, dirspace.id));
}
