import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { Instant } from "../../base/brand.ts";
import type { Affected } from "../../core/change/affected.ts";
import type { Dirspace, DirspaceKey } from "../../core/change/dirspace.ts";
import { compareText, dirspaceKey } from "../../core/change/dirspace.ts";
import type { Account, AccountId, RunId } from "../../core/ids.ts";
import type { PlanBasis } from "../../core/run/plan-basis.ts";
import type { Preparation, WaitingCommand } from "../../core/run/preparing.ts";
import type { Run } from "../../core/run/run.ts";
import type { ChangeCounts, StaleBecause, Work, WorkState } from "../../core/run/work.ts";
import type { DirspaceState, Snapshot } from "../../core/snapshot.ts";
import type { StoredPullRequest } from "../../ports/engine-store.ts";
import { readAffected } from "../stored-affected.ts";
import type { Tx } from "../transaction.ts";
import {
  LOCKS_OF_DIRSPACE,
  type LockJson,
  lockRecord,
  readWait,
  WAITS_OF_DIRSPACE,
  type WaitJson,
  waitRecord,
} from "./read-locks.ts";
import { sha } from "./rows.ts";

/** Ended runs that a decision may still look at; older ones are history. */
export const ENDED_RUNS_MAX = 3;

/** One dirspace of one run, where a decision is about nothing else: a pull request may have thousands. */
export interface SnapshotPart {
  readonly dirspaceId: string;
  readonly run: RunId;
}

/** Reads everything a decision may look at. `held` are dirspaces beyond the recorded ones, by database id. */
export async function readSnapshot(
  tx: Tx,
  pullRequest: StoredPullRequest,
  held: ReadonlyMap<DirspaceKey, string>,
  part?: SnapshotPart,
): Promise<Snapshot> {
  const { rows } = await sql<PullRequestState>`
    select view, change_set, notice, unlock_requested, unlocked, obeyed_comments, gate_approvals,
      reviewers_asked, unmerged, merge_group, last_run_number
    from pull_request where id = ${pullRequest.id}
  `.execute(tx);
  const row = present(rows[0], "the pull request row exists");
  const runs = await readRuns(tx, pullRequest.id, part);
  const dirspaces = await readDirspaces(tx, pullRequest, [...held.values()], part);
  return {
    pullRequest: {
      id: pullRequest.id,
      repositoryId: pullRequest.repository.id,
      repository: pullRequest.repository.ref.fullName,
      number: pullRequest.number,
      view: row.view ?? undefined,
      changeSet: row.change_set ?? undefined,
      notice: row.notice ?? undefined,
      unlockRequested: row.unlock_requested,
      unlocked: row.unlocked,
      answeredComments: row.obeyed_comments,
      gateApprovals: row.gate_approvals,
      ...(row.reviewers_asked === null ? {} : { reviewersAsked: row.reviewers_asked }),
      ...(row.unmerged === null ? {} : { unmerged: row.unmerged }),
      ...(row.merge_group === null ? {} : { queued: row.merge_group }),
      ...unservedIn(pullRequest.repository),
      wait: await readWait(tx, pullRequest.id),
    },
    runs,
    lastRunNumber: row.last_run_number,
    dirspaces,
    held: new Set(held.keys()),
  };
}

export function unservedIn({
  unserved,
}: StoredPullRequest["repository"]): Pick<Snapshot["pullRequest"], "unserved"> {
  return unserved === undefined ? {} : { unserved };
}

interface PullRequestState {
  readonly view: Snapshot["pullRequest"]["view"] | null;
  readonly change_set: Snapshot["pullRequest"]["changeSet"] | null;
  readonly notice: Snapshot["pullRequest"]["notice"] | null;
  readonly unlock_requested: boolean;
  readonly unlocked: boolean;
  readonly obeyed_comments: readonly string[];
  readonly gate_approvals: Snapshot["pullRequest"]["gateApprovals"];
  readonly reviewers_asked: NonNullable<Snapshot["pullRequest"]["reviewersAsked"]> | null;
  readonly unmerged: NonNullable<Snapshot["pullRequest"]["unmerged"]> | null;
  readonly merge_group: NonNullable<Snapshot["pullRequest"]["queued"]> | null;
  readonly last_run_number: number;
}

interface RunRow {
  readonly id: RunId;
  readonly number: number;
  readonly kind: Run["kind"];
  readonly state: Run["state"];
  readonly outcome: Run["outcome"] | null;
  readonly head_sha: string;
  readonly base_sha: string;
  readonly attempt_id: Run["attemptId"];
  readonly cancel_requested: boolean;
  readonly actor: string | null;
  readonly actor_id: string | null;
  readonly forced: boolean;
  readonly auto_approve: boolean;
  readonly prepares: readonly Preparation[];
  readonly prepared: readonly Preparation[];
  readonly command: WaitingCommand | null;
  readonly message: string | null;
  readonly issues: number;
  readonly told: boolean | null;
  readonly created_at: Date;
  readonly works: readonly { dir: string; workspace: string; state: WorkState }[] | null;
}

async function readRuns(
  tx: Tx,
  pullRequestId: string,
  part: SnapshotPart | undefined,
): Promise<readonly Run[]> {
  const ofPart = part === undefined ? sql`true` : sql`work.dirspace_id = ${part.dirspaceId}`;
  const isWanted =
    part === undefined
      ? sql`run.state <> 'ended' or run.number > (
          select last_run_number from pull_request where id = ${pullRequestId}
        ) - ${ENDED_RUNS_MAX}`
      : sql`run.id = ${part.run}`;
  const { rows } = await sql<RunRow>`
    select run.id, run.number, run.kind, run.state, run.outcome, run.head_sha, run.base_sha,
      attempt.id as attempt_id, attempt.cancel_requested_at is not null as cancel_requested,
      run.actor, run.actor_id, run.forced, run.auto_approve, run.prepares, run.prepared, run.command, run.message,
      run.created_at, coalesce(jsonb_array_length(attempt.issues), 0) as issues,
      run.settings ? 'resultComments' as told, works.list as works
    from run
    join attempt on attempt.run_id = run.id
    cross join lateral (
      select json_agg(json_build_object(
        'dir', dirspace.dir, 'workspace', dirspace.workspace, 'state', work.state
      ) order by dirspace.dir collate "C", dirspace.workspace collate "C") as list
      from work join dirspace on dirspace.id = work.dirspace_id
      where work.run_id = run.id and ${ofPart}
    ) works
    where run.pull_request_id = ${pullRequestId} and (${isWanted})
    order by run.number
  `.execute(tx);
  return rows.map((row) => ({
    id: row.id,
    number: row.number,
    kind: row.kind,
    state: row.state,
    outcome: row.outcome ?? undefined,
    headSha: sha(row.head_sha),
    baseSha: sha(row.base_sha),
    attemptId: row.attempt_id,
    actor: actor(row),
    forced: row.forced,
    ...(row.auto_approve ? { autoApprove: true } : {}),
    cancelRequested: row.cancel_requested,
    createdAt: row.created_at.getTime() as Instant,
    ...preparing(row),
    ...(row.message === null ? {} : { message: row.message }),
    ...(row.issues === 0 ? {} : { issues: row.issues }),
    ...(row.told === true ? { told: true as const } : {}),
    works: (row.works ?? []).map((one) => ({
      dirspace: dirspaceKey(one as unknown as Dirspace),
      state: one.state,
    })),
  }));
}

function preparing({ prepares, prepared, command }: RunRow): Pick<Run, "preparing"> {
  if (prepares.length === 0) return {};
  return { preparing: { prepares, prepared, command: command ?? undefined } };
}

function actor({ actor: login, actor_id: id }: RunRow): Account | undefined {
  if (login === null) return undefined;
  // Older servers stored the login only; this is nobody's id, so that it opens nothing.
  return { id: (id ?? `login:${login}`) as AccountId, login };
}

interface DirspaceRow {
  readonly dir: string;
  readonly workspace: string;
  readonly affected: Affected | null;
  readonly last_fence: string;
  readonly last_seq: string;
  readonly plan: WorkJson | null;
  readonly apply: WorkJson | null;
  readonly granted: boolean;
  readonly locks: readonly LockJson[] | null;
  readonly waits: readonly WaitJson[] | null;
  readonly in_flight: { run_id: RunId; number: number } | null;
  readonly usual_ms: NonNullable<DirspaceState["usualMs"]> | null;
}

interface WorkJson {
  readonly run_id: RunId;
  readonly run_number: number;
  readonly state: WorkState;
  readonly cancel_requested: boolean;
  readonly head_sha: string;
  readonly base_sha: string;
  readonly confirmed_base_sha: string;
  readonly plan_digest: string | null;
  readonly changed: boolean | null;
  readonly counts: ChangeCounts | null;
  readonly waiting_for: readonly string[] | null;
  readonly gates: NonNullable<Work["gates"]>;
  readonly gates_unasked: boolean | null;
  readonly failure: string | null;
  readonly because: string | null;
  readonly ended_ms: number | null;
  readonly fence_seen: number;
  readonly fence: number | null;
  readonly stale: StaleBecause | null;
  readonly seq: number;
  readonly basis: Partial<PlanBasis> | null;
}

async function readDirspaces(
  tx: Tx,
  pullRequest: StoredPullRequest,
  held: readonly string[],
  part: SnapshotPart | undefined,
): Promise<readonly DirspaceState[]> {
  const isWanted = part === undefined ? sql`true` : sql`dirspace.id = ${part.dirspaceId}`;
  // One statement: what is read belongs together even while other pull requests move on.
  const { rows } = await sql<DirspaceRow>`
    with mine as (
      select dirspace_id from pull_request_dirspace where pull_request_id = ${pullRequest.id}
      union select unnest(${held}::bigint[])
    )
    select dirspace.dir, dirspace.workspace, member.affected, dirspace.last_fence, dirspace.last_seq,
      ${latestWork(pullRequest.id, "plan")} as plan, ${latestWork(pullRequest.id, "apply")} as apply,
      exists (
        select from work mine where mine.pull_request_id = ${pullRequest.id}
          and mine.dirspace_id = dirspace.id and mine.op = 'apply' and mine.fence is not null
          and not mine.forgotten
      ) as granted,
      ${LOCKS_OF_DIRSPACE} as locks, ${WAITS_OF_DIRSPACE} as waits,
      (
        select json_build_object('run_id', busy.run_id, 'number', owner.number)
        from work busy join pull_request owner on owner.id = busy.pull_request_id
        where busy.dirspace_id = dirspace.id and busy.op = 'apply' and busy.state in ('granted', 'unknown')
      ) as in_flight,
      (
        select json_object_agg(op, ms) from work_duration where work_duration.dirspace_id = dirspace.id
      ) as usual_ms
    from mine
    join dirspace on dirspace.id = mine.dirspace_id
    left join pull_request_dirspace member
      on member.dirspace_id = dirspace.id and member.pull_request_id = ${pullRequest.id}
    where ${isWanted}
  `.execute(tx);
  return rows.map(dirspaceState).sort((a, b) => compareText(a.key, b.key));
}

/** Of the settings of a run: hooks after the dirspaces that may ask for approvals. */
const ASKING_HOOKS = `$.hooks.post[*] ? (@.type == "gates" || exists(@.onError[*]))`;

function latestWork(pullRequestId: string, op: "plan" | "apply") {
  return sql`(
    select json_build_object(
      'run_id', work.run_id, 'run_number', run.number, 'state', work.state,
      'cancel_requested', attempt.cancel_requested_at is not null,
      'head_sha', work.head_sha, 'base_sha', work.base_sha,
      'confirmed_base_sha', work.confirmed_base_sha, 'plan_digest', work.plan_digest,
      'changed', work.changed, 'counts', work.result -> 'counts', 'waiting_for', work.result -> 'for',
      'gates', coalesce(work.result -> 'gates', '[]') || coalesce(attempt.gates, '[]'),
      'gates_unasked', work.op = 'plan' and attempt.gates is null and run.settings @? ${ASKING_HOOKS}::jsonpath,
      'failure', work.result -> 'failure' ->> 'message', 'because', work.because,
      'ended_ms', (extract(epoch from work.ended_at) * 1000)::bigint,
      'fence_seen', work.fence_seen, 'fence', work.fence, 'stale', work.stale, 'seq', work.seq,
      'basis', case when work.op = 'plan' then work.unit -> 'basis' end
    )
    from work join run on run.id = work.run_id join attempt on attempt.run_id = run.id
    where work.pull_request_id = ${pullRequestId} and work.dirspace_id = dirspace.id
      and work.op = ${op} and not work.forgotten
    order by work.seq desc limit 1
  )`;
}

function dirspaceState(row: DirspaceRow): DirspaceState {
  const dirspace = { dir: row.dir, workspace: row.workspace } as Dirspace;
  return {
    key: dirspaceKey(dirspace),
    dirspace,
    affected: row.affected === null ? undefined : readAffected(row.affected),
    plan: row.plan === null ? undefined : work(row.plan, "plan"),
    apply: row.apply === null ? undefined : work(row.apply, "apply"),
    granted: row.granted,
    locks: (row.locks ?? []).map(lockRecord),
    waits: (row.waits ?? []).map(waitRecord),
    inFlight:
      row.in_flight === null
        ? undefined
        : { runId: row.in_flight.run_id, number: row.in_flight.number },
    lastFence: Number(row.last_fence),
    lastSeq: Number(row.last_seq),
    ...(row.usual_ms === null ? {} : { usualMs: row.usual_ms }),
  };
}

function work(row: WorkJson, op: Work["op"]): Work {
  return {
    runId: row.run_id,
    runNumber: row.run_number,
    op,
    state: row.state,
    ...(row.cancel_requested ? { cancelRequested: true } : {}),
    headSha: sha(row.head_sha),
    baseSha: sha(row.base_sha),
    confirmedBaseSha: sha(row.confirmed_base_sha),
    planDigest: row.plan_digest ?? undefined,
    changed: row.changed ?? undefined,
    counts: row.counts ?? undefined,
    fenceSeen: row.fence_seen,
    fence: row.fence ?? undefined,
    stale: row.stale ?? undefined,
    seq: row.seq,
    ...(row.ended_ms === null ? {} : { endedAt: row.ended_ms as Instant }),
    ...(row.basis === null ? {} : { basis: row.basis }),
    waitingFor: row.waiting_for ?? [],
    ...(row.gates.length === 0 ? {} : { gates: row.gates }),
    ...(row.gates_unasked === true ? { gatesUnasked: true } : {}),
    failure: row.failure ?? row.because ?? undefined,
  };
}
