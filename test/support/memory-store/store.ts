import type { EngineStore } from "../../../src/ports/engine-store.ts";
import type { ReportStore } from "../../../src/ports/report-store.ts";
import type { RunnerStore } from "../../../src/ports/runner-store.ts";
import { admissionStore } from "./admission.ts";
import { attemptStore } from "./attempts.ts";
import { codeStore } from "./codes.ts";
import { compatibleStore } from "./compatible.ts";
import { MemoryDatabase, type MemoryStoreOptions } from "./database.ts";
import { grantStore } from "./grant.ts";
import { intakeStore } from "./intake.ts";
import { type MemoryJobs, memoryJobs } from "./jobs.ts";
import { knownStore } from "./known.ts";
import { lapsedTurnStore } from "./lapsed-turns.ts";
import { neighbourStore } from "./neighbours.ts";
import { outboxStore } from "./outbox.ts";
import { preparedStore } from "./prepared.ts";
import { publicationStore } from "./publications.ts";
import { reportStore } from "./reported.ts";
import { sessionStore } from "./sessions.ts";
import { standingStore } from "./standing.ts";
import { sweepStore } from "./sweep.ts";
import type { Tables } from "./tables.ts";
import { turnStore } from "./turn.ts";
import { workStore } from "./work.ts";

/**
 * The database of a simulated world. What each method means is said once, by `src/store` and `migrations/`; that this
 * says the same is checked by `test/db/store-differential.test.ts`. Any number of engines may share one store.
 *
 * - `engine` and `runners` go into `EnginePorts` as `store` and `runners`. Every method is one transaction; they run
 *   one after the other, and a body that throws leaves nothing behind. To let a server die before or after a commit,
 *   wrap the port and throw before or after the call; inside a turn, wrap `use`.
 * - `jobs` is what the alarm clock of `src/main` would run: take one, call `engine.advance`, `engine.perform` or `engine.admit`, then
 *   `done` or `failed`; `release` where its server died. `engine.tick()` is nobody's job.
 * - Every call of a bell (`src/ports/bell.ts`) is a job `advance` here; a server that dies loses it with itself, and
 *   `wakeOverdue` makes it again.
 * - `tables` are for reading: invariants look at `tables.works.values()`, `grants`, `locks`, `outbox`, `events`,
 *   `decisions`, `dirspaces`; indexes such as `tables.worksOf.of(runId)` cost nothing. Rows are never changed in place,
 *   so `before === after` says that nothing happened to a row.
 */
export interface MemoryStore {
  readonly engine: EngineStore & ReportStore;
  readonly runners: RunnerStore;
  readonly jobs: MemoryJobs;
  readonly tables: Tables;
  /** Rows written since the beginning. */
  writes(): number;
}

export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const db = new MemoryDatabase(options);
  return {
    engine: {
      ...intakeStore(db),
      ...turnStore(db),
      ...outboxStore(db),
      ...neighbourStore(db),
      ...publicationStore(db),
      ...attemptStore(db),
      ...admissionStore(db),
      ...knownStore(db),
      ...standingStore(db),
      ...lapsedTurnStore(db),
      ...sweepStore(db),
      ...reportStore(db, options.caps),
      // It is neither promoted nor restored.
      guardCluster: () => Promise.resolve({ kind: "same" }),
    },
    runners: {
      ...sessionStore(db),
      ...compatibleStore(db),
      ...codeStore(db),
      ...preparedStore(db),
      ...workStore(db),
      ...grantStore(db),
    },
    jobs: memoryJobs(db),
    tables: db.tables,
    writes: () => db.writes,
  };
}
