import { sql } from "kysely";
import type { EventId, InstallationId } from "../../../src/core/ids.ts";
import { JOB_CAPS, type JobCaps } from "../../../src/core/schedule/caps.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { lapseTurns } from "../../../src/engine/lapse-turns.ts";
import type { EnginePorts } from "../../../src/engine/ports.ts";
import { fleetStore } from "../../../src/store/engine/fleet.ts";
import type { Database } from "../../../src/store/pool.ts";
import type { EngineLab } from "../engine-lab.ts";
import { applySession, planSession, type Subject, sayAndAsk } from "./stage.ts";
import type { TransactionType } from "./transaction-type.ts";

async function installationOf(
  { statements }: Database,
  { repository }: Subject,
): Promise<InstallationId> {
  const { rows } = await sql<{ id: InstallationId }>`
    select installation_id as id from repository where id = ${repository}
  `.execute(statements);
  if (rows[0] === undefined) throw new Error("the repository is not there");
  return rows[0].id;
}

/** Somebody said it, it is decided, and its CI job waits for its place. */
function queued(body: string): NonNullable<TransactionType["prepare"]> {
  return async (lab, subject) => {
    await sayAndAsk(lab, subject, body);
    await createEngine(lab.ports).advance(subject.id);
  };
}

/** As the first, but for one place only, that two then want. */
const ONE_PLACE: JobCaps = { ...JOB_CAPS, repository: { max: 1, of: new Map() } };

function admit(name: string, body: string, caps: JobCaps): TransactionType {
  return {
    name,
    level: "planned",
    prepare: queued(body),
    act: async ({ store }, subject, _ids, database) => {
      const { started, more } = await store.admit(await installationOf(database, subject), caps);
      return { started: [...started].sort(), more };
    },
  };
}

/** The run was given up while its job went on; what the job says afterwards is kept as late. */
async function giveUp({ ports }: EngineLab, subject: Subject): Promise<void> {
  const session = applySession(subject);
  await ports.store.append(subject.id, ports.random.uuid() as EventId, {
    kind: "run_ended",
    runId: session.run.runId,
    attemptId: session.attempt,
    how: { kind: "ci_ended", conclusion: "failure" },
  });
  await createEngine(ports).advance(subject.id);
}

/** An event waits that cannot be decided. */
async function sayAndWait({ ports }: EngineLab, { id }: Subject): Promise<void> {
  await ports.store.append(id, ports.random.uuid() as EventId, { kind: "review_changed" });
}

async function oldestEvent({ statements }: Database, { id }: Subject): Promise<EventId> {
  const { rows } = await sql<{ id: EventId }>`
    select id from event where pull_request_id = ${id} order by seq desc limit 1
  `.execute(statements);
  if (rows[0] === undefined) throw new Error("no event is there");
  return rows[0].id;
}

/** All that is done once everything kept has become old. */
async function forget(database: Database): Promise<void> {
  await fleetStore(database).forgetOld({ eventDays: 30, outputDays: 90 });
}

async function becomeOld({ database }: EngineLab): Promise<void> {
  await database.pool.query(`
    update delivery set received_at = received_at - interval '100 days';
    update used_token set expires_at = expires_at - interval '100 days';
    update outbox set performed_at = performed_at - interval '100 days';
    update plan_file set created_at = created_at - interval '100 days';
  `);
}

function beat(database: Database, id: string): Promise<unknown> {
  const server = { id, version: "1.2.3", draining: false, advancing: [] };
  return fleetStore(database).beat(server);
}

const impatient = (ports: EnginePorts): EnginePorts => ({
  ...ports,
  limits: { ...ports.limits, turnMs: -1 },
});

/** What servers do by themselves, and what comes too late. */
export const UPKEEP_TYPES: readonly TransactionType[] = [
  admit("admit_plan", "terrane plan", JOB_CAPS),
  admit("admit_one_place", "terrane plan", ONE_PLACE),
  admit("admit_apply", "terrane apply", JOB_CAPS),
  {
    name: "intake_ci_ended",
    level: "dispatched",
    act: async ({ store }, { applyAttempt, planAttempt }, ids) => {
      const open = await store.openAttempt(applyAttempt ?? planAttempt);
      return store.intakeCiEnded("fake", ids(), open?.ciRun ?? "none");
    },
  },
  {
    name: "late_applied",
    level: "granted",
    prepare: giveUp,
    act: ({ runners }, subject) => {
      const fence = subject.fence ?? 0;
      const report = { outcome: "applied", fence, outputs: [], text: "" } as const;
      return runners.report(applySession(subject).run.runId, subject.unit, report, 5);
    },
  },
  {
    name: "late_not_started",
    level: "claimed",
    prepare: giveUp,
    act: ({ runners }, subject) =>
      runners.report(
        applySession(subject).run.runId,
        subject.unit,
        { outcome: "not_started", because: "stopped" },
        5,
      ),
  },
  {
    name: "lapse_turns",
    level: "planned",
    prepare: queued("terrane apply"),
    act: (ports) => lapseTurns(impatient(ports)),
  },
  {
    name: "keep_prepared",
    level: "plan_claimed",
    // As of a run whose job first looks for what the code refers to.
    prepare: async ({ database }, subject) => {
      await database.pool.query("update run set prepares = '{index}' where id = $1", [
        planSession(subject).run.runId,
      ]);
    },
    act: async ({ runners }, subject) => {
      const { attempt, run, claimedBy } = planSession(subject);
      const session = {
        attempt,
        run,
        over: false,
        spent: false,
        cancelRequested: false,
        claimedBy,
      };
      const answer = { kind: "index", index: {} } as never;
      return runners.keepPrepared(session, "index", answer);
    },
  },
  {
    name: "next_work",
    level: "plan_claimed",
    act: async ({ runners }, subject) =>
      (await runners.nextWork(planSession(subject).run.runId)).kind,
  },
  {
    name: "postpone",
    level: "planned",
    prepare: sayAndWait,
    act: async ({ store }, subject, _ids, database) =>
      store.postpone(await oldestEvent(database, subject), "it failed", 60_000, "event"),
  },
  {
    name: "postpone_pull_request",
    level: "planned",
    prepare: sayAndWait,
    act: async ({ store }, subject, _ids, database) =>
      store.postpone(await oldestEvent(database, subject), "it failed", 60_000, "pull_request"),
  },
  {
    name: "set_aside",
    level: "planned",
    prepare: sayAndWait,
    act: async ({ store }, subject, _ids, database) =>
      store.setAside(await oldestEvent(database, subject), "it failed"),
  },
  { name: "forget_old", level: "planned", prepare: becomeOld, act: (_p, _s, _i, db) => forget(db) },
  {
    name: "take_duty",
    level: "planning",
    act: async (_ports, _subject, _ids, database) => {
      const taken = await fleetStore(database).takeDuty("retention", 3_600_000);
      // Which of two it is that finds it taken is told apart by nobody.
      return taken.kind === "taken" || taken.kind === "done_by_others";
    },
  },
  {
    name: "beat",
    level: "planning",
    act: (_ports, _subject, ids, database) => beat(database, ids()),
  },
];
