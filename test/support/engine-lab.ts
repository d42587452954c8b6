import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import { runMigrations } from "graphile-worker";
import { sql } from "kysely";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import type {
  AccountId,
  AttemptId,
  EventId,
  InstallationId,
  PullRequestId,
} from "../../src/core/ids.ts";
import type { PullRequestView } from "../../src/core/pull-request.ts";
import type { UnitReport } from "../../src/core/run/report.ts";
import { JOB_CAPS } from "../../src/core/schedule/caps.ts";
import type { VcsHappening } from "../../src/core/vcs-event.ts";
import { createCentralHeads } from "../../src/engine/central-heads.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { createLanes } from "../../src/engine/lanes.ts";
import { createLooks } from "../../src/engine/looks.ts";
import { ENGINE_LIMITS, type EngineLimits, type EnginePorts } from "../../src/engine/ports.ts";
import type { ClaimedRun, Session } from "../../src/ports/runner-store.ts";
import { reportStore } from "../../src/store/engine/reported.ts";
import { engineStore } from "../../src/store/engine/store.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { runnerStore } from "../../src/store/runner/store.ts";
import { person, sha } from "./core-world.ts";
import type { TestDatabase } from "./database.ts";
import { FakeCi, FakeVcs } from "./fake-vcs.ts";
import { quiet } from "./quiet.ts";

export const COUNTS = {
  create: 1,
  update: 0,
  replace: 0,
  delete: 0,
  import: 0,
  move: 0,
  forget: 0,
  outputs: 0,
};

/** Where the door of existing runners is, as their jobs are told. */
export const EXISTING_BASE = "http://127.0.0.1:1/api/fake";

/** A session with what its job was given to do. */
export interface LabSession extends Session {
  readonly run: ClaimedRun;
  readonly credential: string;
}

/** The real engine and store on a database of its own, with a fake VCS and CI system; the test plays the runner. */
export interface EngineLab {
  readonly engine: Engine;
  readonly ports: EnginePorts;
  readonly vcs: FakeVcs;
  readonly ci: FakeCi;
  readonly database: Database;
  open(number: number, files: readonly string[]): Promise<PullRequestId>;
  hear(number: number, what: VcsHappening, deliveryId?: string): Promise<string>;
  say(number: number, login: string, body: string): Promise<void>;
  /** Decides and performs until nothing is left to do. */
  drain(): Promise<void>;
  /** Claims the newest job, of one pull request or of all, and gives its session. */
  claim(number?: number): Promise<LabSession>;
  plans(
    session: LabSession,
    reports?: Readonly<Record<string, Partial<UnitReport>>>,
  ): Promise<void>;
  applies(session: LabSession): Promise<readonly string[]>;
  /** The CI system's answer about a job arrives. */
  started(attempt: AttemptId, ciRun: string): Promise<void>;
  close(): Promise<void>;
}

/** On a database of its own, or on one that is given and empty. */
export async function engineLab(
  given?: TestDatabase,
  limits: Partial<EngineLimits> = {},
): Promise<EngineLab> {
  // Tools that bring their database run without the test runner, which gives the others theirs.
  const created = given ?? (await (await import("./database.ts")).createTestDatabase());
  const database = openDatabase({ url: created.url, log: quiet });
  await runMigrations({ pgPool: database.pool });
  const vcs = new FakeVcs();
  const ci = new FakeCi();
  const master = randomBytes(32);
  let minutes = 0;
  const ports: EnginePorts = {
    store: {
      ...engineStore(database, () => randomUUID() as EventId),
      ...reportStore(database, JOB_CAPS),
    },
    runners: runnerStore(database),
    vcs: new Map([["fake", vcs]]),
    ci: new Map([["fake", ci]]),
    // Every question asks anew: a test changes the central repository between two events.
    centralHeads: createCentralHeads(() => (minutes += 60_000)),
    lanes: createLanes(() => (minutes += 60_000)),
    looks: createLooks(() => (minutes += 60_000), 0),
    random: { uuid: () => randomUUID(), bytes: (length) => randomBytes(length) },
    secrets: {
      sha256: (bytes) => createHash("sha256").update(bytes).digest(),
      deriveKey: (purpose) => createHmac("sha256", master).update(purpose).digest(),
    },
    log: quiet,
    serverUrl: () => "http://127.0.0.1:1",
    // What is shown is shown at once, unless a test is about that.
    limits: { ...ENGINE_LIMITS, progressMs: 0, ...limits },
    commentWords: [],
    existingRunners: new Map([["fake", EXISTING_BASE]]),
  };
  const engine = createEngine(ports);
  const hear = (number: number, what: VcsHappening, deliveryId: string = randomUUID()) =>
    engine.receive("fake", {
      deliveryId,
      installation: "host",
      repository: { id: "repo-1", fullName: "acme/infra", defaultBranch: "main" },
      what,
    });

  async function drain(): Promise<void> {
    // Whatever was postponed is due by now.
    await sql`update event set not_before = null where state = 'pending'`.execute(
      database.statements,
    );
    for (let busy = true; busy; ) {
      busy = false;
      const { rows } = await sql<{ id: PullRequestId }>`
        select distinct pull_request_id as id from event where state = 'pending'
      `.execute(database.statements);
      for (const row of rows) {
        busy = true;
        const advanced = await engine.advance(row.id);
        if (advanced.kind === "set_aside" || advanced.kind === "postponed") throw advanced.error;
      }
      const { rows: installations } = await sql<{ id: InstallationId }>`
        select distinct installation_id as id from ci_job where state = 'new'
        union select distinct installation_id from ci_news
      `.execute(database.statements);
      for (const { id } of installations) {
        busy = true;
        await engine.admit(id);
      }
      const { rows: wishes } = await sql<{ key: string }>`
        select key from outbox where done < wanted and not dead and not_before <= now() order by priority, seq
      `.execute(database.statements);
      for (const wish of wishes) {
        busy = true;
        await engine.perform(wish.key);
      }
    }
  }

  return {
    engine,
    ports,
    vcs,
    ci,
    database,
    hear,
    drain,
    async open(number, files) {
      const view: PullRequestView = {
        number,
        title: `Pull request ${number}`,
        author: person("ann"),
        state: "open",
        draft: false,
        fromFork: false,
        headRef: `feature-${number}`,
        headSha: sha(100 + number),
        baseRef: "main",
        baseSha: sha(1),
        defaultBranch: "main",
        defaultBranchSha: sha(1),
        mergeable: "clean",
        mergeSha: undefined,
        reviews: [],
        url: undefined,
      };
      vcs.views.set(number, view);
      vcs.changed.set(
        number,
        files.map((path) => ({ kind: "modified", path })),
      );
      await hear(number, { kind: "pull_request", number, action: "opened" });
      await drain();
      const { rows } = await sql<{ id: PullRequestId }>`
        select id from pull_request where number = ${number}
      `.execute(database.statements);
      const id = rows[0]?.id;
      if (id === undefined) throw new Error("the pull request was not stored");
      return id;
    },
    async say(number, login, body) {
      const author = { id: `id-${login}` as AccountId, login };
      const commentId = randomUUID();
      vcs.said.set(commentId, { number, author, body });
      await hear(number, { kind: "comment", number, commentId, author, body });
      await drain();
    },
    async claim(number) {
      const job = ci.started.findLast(
        ({ title }) => number === undefined || title.includes(`#${number}.`),
      );
      if (job === undefined) throw new Error("no job was started");
      const token = `${job.repository.id}/ci-${job.attempt}/${randomUUID()}`;
      const claimed = await engine.runner.claim(job.attempt, token, "audience");
      if (claimed.kind !== "claimed") throw new Error(`the claim was ${claimed.kind}`);
      await drain();
      const session = await engine.runner.session(claimed.credential);
      if (session === undefined) throw new Error("the credential opens nothing");
      return { ...session, run: claimed.run, credential: claimed.credential };
    },
    async plans(session, reports = {}) {
      const units = session.run.units.map((unit) => unit.dirspace);
      await engine.runner.heartbeat(session, units);
      for (const unit of units) {
        const report = {
          outcome: "planned",
          changed: true,
          planDigest: digestOf(unit, session.run.runId),
          counts: COUNTS,
          changes: [],
          text: "",
          ...reports[unit],
        } as UnitReport;
        if (report.outcome === "planned" && report.planDigest !== undefined) {
          await engine.runner.putPlan(session, report.planDigest, Buffer.from("sealed"));
        }
        await engine.runner.report(session, unit, report, 5);
      }
      await engine.runner.finish(session, { failure: undefined });
      await drain();
    },
    async applies(session) {
      const refusals: string[] = [];
      for (const unit of session.run.units) {
        const digest = unit.plan?.digest ?? "";
        const granted = await engine.runner.grant(session, unit.dirspace, digest);
        const report: UnitReport =
          granted.kind === "granted"
            ? { outcome: "applied", fence: granted.fence, outputs: [], text: "" }
            : { outcome: "not_started", because: granted.message };
        if (granted.kind === "refused") refusals.push(granted.code);
        await engine.runner.report(session, unit.dirspace, report, 5);
      }
      await engine.runner.finish(session, { failure: undefined });
      await drain();
      return refusals;
    },
    started: (attempt, ciRun) => ports.store.attemptStarted(attempt, ciRun, undefined),
    async close() {
      await database.close();
      await created.drop();
    },
  };
}

export function digestOf(unit: DirspaceKey, run: string): string {
  return createHash("sha256").update(`${unit}${run}`).digest("hex");
}
