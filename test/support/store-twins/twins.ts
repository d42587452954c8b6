import { sql } from "kysely";
import type { Instant } from "../../../src/base/brand.ts";
import type { EventId, InstallationId, PullRequestId } from "../../../src/core/ids.ts";
import type { JobCaps } from "../../../src/core/schedule/caps.ts";
import type { Bell } from "../../../src/ports/bell.ts";
import type { EngineStore } from "../../../src/ports/engine-store.ts";
import type { ReportStore } from "../../../src/ports/report-store.ts";
import type { RunnerStore } from "../../../src/ports/runner-store.ts";
import { reportStore } from "../../../src/store/engine/reported.ts";
import { engineStore } from "../../../src/store/engine/store.ts";
import { runnerStore } from "../../../src/store/runner/store.ts";
import { createMemoryStore, type MemoryStore } from "../memory-store/store.ts";
import { DRAWN, type GivenDatabase } from "./database.ts";
import { compareDumps } from "./dump.ts";
import { dumpMemory, keyInSql } from "./dump-memory.ts";
import { dumpSql } from "./dump-sql.ts";
import { uuid } from "./given-id.ts";
import { twinOf, twinTurns } from "./twin.ts";

type MemoryJob = NonNullable<Awaited<ReturnType<MemoryStore["jobs"]["take"]>>>;

/** Two stores with one clock and the same ids, asked as one. */
export interface Twins {
  readonly store: EngineStore & ReportStore;
  readonly runners: RunnerStore;
  readonly now: () => Instant;
  /** Time goes on in both. */
  wait(ms: number): Promise<void>;
  /** Does the first job that is due, if there is one. `work` says how it went; undefined where nobody is left to say it. */
  job(work: (job: MemoryJob) => Promise<"done" | "failed" | undefined>): Promise<boolean>;
  /** Throws a `Difference` where the two hold different rows. */
  compare(when: string): Promise<void>;
  readonly tables: MemoryStore["tables"];
}

/** Small, so that what a run waits for is often one of them. */
const CAP = { max: 1, of: new Map<string, number>() };
const CAPS: JobCaps = { installation: { ...CAP, max: 2 }, repository: CAP, environment: CAP };

const BEGIN = Date.UTC(2026, 0, 1);

export async function createTwins(given: GivenDatabase): Promise<Twins> {
  await given.clear();
  let now = BEGIN as Instant;
  await given.setClock(now);
  const memory = createMemoryStore({
    clock: () => now,
    newId: numbered("intake"),
    rowId: namedIds(),
    caps: CAPS,
  });
  const { database } = given;
  const bell = createBell(() => now);
  const engine = engineStore(database, () => DRAWN, bell);
  const theirs: EngineStore & ReportStore = {
    ...engine,
    ...reportStore(database, CAPS),
    // In memory an installation is called by its name.
    admit: (installation, caps) => engine.admit(uuid(installation) as InstallationId, caps),
  };
  return {
    store: { ...twinOf(memory.engine, theirs), takeTurn: twinTurns(memory.engine, theirs) },
    runners: twinOf(memory.runners, runnerStore(database, bell)),
    now: () => now,
    async wait(ms) {
      now = (now + ms) as Instant;
      await given.setClock(now);
    },
    job: (work) => doJob(given, memory, bell, now, work),
    compare: async (when) => {
      const sql = { ...(await dumpSql(database)), ring: bell.waiting() };
      compareDumps(when, dumpMemory(memory), sql);
    },
    tables: memory.tables,
  };
}

/** The process behind the store on PostgreSQL; in memory a ring is a job. */
interface RecordedBell extends Bell {
  waiting(): readonly { readonly pullRequest: PullRequestId; readonly runAt: number }[];
  answered(pullRequest: PullRequestId): void;
}

function createBell(now: () => Instant): RecordedBell {
  const rung = new Map<PullRequestId, number>();
  return {
    ring: (pullRequest, delayMs = 0) => rung.set(pullRequest, now() + delayMs),
    waiting: () => [...rung].map(([pullRequest, runAt]) => ({ pullRequest, runAt })),
    answered: (pullRequest) => rung.delete(pullRequest),
  };
}

function numbered(name: string): () => EventId {
  let count = 0;
  return () => uuid(`${name}#${++count}`) as EventId;
}

/** As the triggers and functions of the given database make them. */
function namedIds(): (table: string, name: string) => string {
  const nextEvent = numbered("event");
  return (table, name) => (table === "event" ? nextEvent() : uuid(name));
}

/** The queue's statements for taking and ending a job, as its worker sends them. */
async function doJob(
  { database }: GivenDatabase,
  { jobs }: MemoryStore,
  bell: RecordedBell,
  now: Instant,
  work: (job: MemoryJob) => Promise<"done" | "failed" | undefined>,
): Promise<boolean> {
  const [first] = jobs.due(now);
  const job = first === undefined ? undefined : await jobs.take(first.id);
  if (job === undefined) return false;
  if (job.what.task === "advance") {
    // Whoever was rung for does it or dies with it; then the sweep rings again.
    bell.answered(job.what.pullRequest);
    await work(job);
    await jobs.done(job.id);
    return true;
  }
  const db = database.statements;
  const key = job.key === undefined ? null : keyInSql(job.key);
  const { rows } = await sql<{ id: string }>`
    update graphile_worker._private_jobs set attempts = attempts + 1, locked_at = now(), locked_by = 'twin'
    where key = ${key} and is_available and run_at <= now() returning id
  `.execute(db);
  const id = rows[0]?.id ?? null;
  const how = await work(job);
  if (how === "done") {
    await jobs.done(job.id);
    await sql`delete from graphile_worker._private_jobs where id = ${id}`.execute(db);
    return true;
  }
  if (how === "failed") await jobs.failed(job.id);
  else await jobs.release(job.id);
  await sql`
    update graphile_worker._private_jobs set locked_at = null, locked_by = null,
      run_at = case when ${how === "failed"}
        then greatest(now(), run_at) + exp(least(attempts, 10)) * interval '1 second' else run_at end
    where id = ${id}
  `.execute(db);
  return true;
}
