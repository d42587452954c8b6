import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { AttemptId, InstallationId, RepositoryId } from "../../core/ids.ts";
import { capOf, environmentCap, type JobCaps } from "../../core/schedule/caps.ts";
import { type Chosen, chooseJobs, type Lane, type Share } from "../../core/schedule/choose.ts";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { hearNews } from "./admission-news.ts";
import { blockJobs, busyJobs, startJobs } from "./admission-writes.ts";

/** One transaction starts no more than these, so that it never holds the gate for long. */
export const STARTS_MAX = 16;
/** Jobs found to be blocked, in one transaction; each is looked at once until what it waits for ends. */
const BLOCKED_ROUNDS_MAX = 20;

/** S9: whoever admits holds the installation's gate, so the jobs counted are all there are. */
export function admissionStore(database: Database): Pick<EngineStore, "admit"> {
  return {
    admit: (installation, caps) =>
      inTransaction(database, (tx) => admitOnce(tx, installation, caps)),
  };
}

async function admitOnce(
  tx: Tx,
  installation: InstallationId,
  caps: JobCaps,
): ReturnType<EngineStore["admit"]> {
  const gate = await passGate(tx, installation);
  const heard = await hearNews(tx, installation, gate.served);
  const contest = await readContest(tx, installation, gate, caps);
  let { shares } = contest;
  let blocked = 0;
  for (let round = 0; round < BLOCKED_ROUNDS_MAX; round++) {
    const chosen = chooseJobs({ served: gate.served, room: contest.room, shares });
    const attempts = chosen.jobs.map((job) => job.attempt);
    const busy = await busyJobs(tx, attempts);
    if (busy.length === 0) {
      await startJobs(tx, installation, chosen);
      return { started: attempts, more: goesOn(chosen, heard + blocked) };
    }
    await blockJobs(tx, busy);
    blocked += busy.length;
    shares = without(shares, new Set(busy.map((one) => one.attempt)));
  }
  return { started: [], more: true };
}

/** Something moved, so that looking again may find more. */
function goesOn({ jobs, shares }: Chosen, moved: number): boolean {
  return jobs.length > 0 || moved > 0 || shares.some((share) => !share.open);
}

interface Gate {
  readonly served: number;
  readonly external_id: string;
}

async function passGate(tx: Tx, installation: InstallationId): Promise<Gate> {
  for (let made = false; ; made = true) {
    const { rows } = await sql<{ served: string; external_id: string }>`
      select ci_gate.served, installation.external_id
      from ci_gate join installation on installation.id = ci_gate.installation_id
      where ci_gate.installation_id = ${installation} for update of ci_gate
    `.execute(tx);
    const row = rows[0];
    if (row !== undefined) {
      return { served: Number(row.served), external_id: row.external_id };
    }
    if (made) return present(undefined, "the gate of an installation that there is");
    await sql`
      insert into ci_gate (installation_id) select id from installation where id = ${installation}
      on conflict do nothing
    `.execute(tx);
  }
}

interface Running {
  readonly repository_id: string;
  readonly environment: string;
  readonly running: number;
}

interface ShareRow {
  readonly repository_id: RepositoryId;
  readonly served: number;
  readonly starts: number;
  readonly full_name: string;
  readonly environment: string | null;
  readonly waiting:
    | readonly {
        readonly attempt_id: AttemptId;
        readonly kind: "plan" | "apply";
        readonly expected_ms: number;
        readonly remaining_ms: number;
        readonly seq: number;
      }[]
    | null;
}

/**
 * The places that are free, and for so many the repositories that had least with the heads of their queues. What is
 * blocked, or closed, is not looked at; what has a place is counted, and that is at most the cap.
 */
async function readContest(
  tx: Tx,
  installation: InstallationId,
  gate: Gate,
  caps: JobCaps,
): Promise<{ readonly room: number; readonly shares: readonly Share[] }> {
  const columns = sql`attempt_id, kind, expected_ms, remaining_ms, seq`;
  const isHead = sql`repository_id = lane.repository_id and environment = lane.environment and state = 'waiting'`;
  const max = capOf(caps.installation, gate.external_id);
  const { rows } = await sql<{
    room: number;
    running: readonly Running[] | null;
    shares: readonly ShareRow[] | null;
  }>`
    with running as materialized (
      select repository_id, environment, count(*)::int as running from ci_job
      where installation_id = ${installation} and state = 'admitted'
      group by repository_id, environment
    ), free as materialized (
      select greatest(0, least(${STARTS_MAX}::int, ${max}::int - coalesce(sum(running), 0)))::int as room from running
    )
    select room, (select json_agg(one) from running one) as running, (
      select json_agg(one) from (
        select share.repository_id, share.served, share.starts, repository.full_name, lane.environment, heads.waiting
        from (
          select * from ci_share where installation_id = ${installation} and open
          order by served, repository_id limit (select room from free)
        ) share
        join repository on repository.id = share.repository_id
        left join ci_lane lane on lane.repository_id = share.repository_id and lane.open
        left join lateral (
          select json_agg(head) as waiting from (
            (
              select ${columns} from ci_job where ${isHead}
              order by kind, remaining_ms desc, seq limit (select room from free)
            ) union (
              select ${columns} from ci_job where ${isHead} order by seq limit (select room from free)
            )
          ) head
        ) heads on true
        order by share.served, share.repository_id, lane.environment collate "C"
      ) one
    ) as shares
    from free
  `.execute(tx);
  const { room, running, shares } = present(rows[0], "a row of counts");
  const known = { running: running ?? [], most: room };
  const repositories = new Set((shares ?? []).map((row) => row.repository_id));
  const list = [...repositories].map((repository) => {
    const own = (shares ?? []).filter((row) => row.repository_id === repository);
    return shareOf(repository, own, caps, known);
  });
  return { room, shares: list };
}

function shareOf(
  repository: RepositoryId,
  rows: readonly ShareRow[],
  caps: JobCaps,
  { running, most }: { readonly running: readonly Running[]; readonly most: number },
): Share {
  const { served, starts, full_name: name } = present(rows[0], "a row of the share");
  const own = running.filter((one) => one.repository_id === repository);
  const runningIn = (environment: string) =>
    own.find((one) => one.environment === environment)?.running ?? 0;
  return {
    repository,
    served,
    starts,
    running: own.reduce((sum, one) => sum + one.running, 0),
    max: capOf(caps.repository, name),
    lanes: rows.flatMap(({ environment, waiting }): Lane[] => {
      if (environment === null) return [];
      const jobs = (waiting ?? []).map((one) => ({
        attempt: one.attempt_id,
        kind: one.kind,
        expectedMs: one.expected_ms,
        remainingMs: one.remaining_ms,
        seq: one.seq,
      }));
      const max = environmentCap(caps, name, environment);
      const complete = jobs.length < most;
      return [{ environment, running: runningIn(environment), max, waiting: jobs, complete }];
    }),
  };
}

function without(shares: readonly Share[], attempts: ReadonlySet<AttemptId>): readonly Share[] {
  return shares.map((share) => ({
    ...share,
    lanes: share.lanes.map((lane) => ({
      ...lane,
      waiting: lane.waiting.filter((job) => !attempts.has(job.attempt)),
    })),
  }));
}
