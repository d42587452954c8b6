import type { EventId } from "../../core/ids.ts";
import type { Bell } from "../../ports/bell.ts";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { admissionStore } from "./admission.ts";
import { attemptStore } from "./attempts.ts";
import { intakeStore } from "./intake.ts";
import { knownStore } from "./known.ts";
import { lapsedTurnStore } from "./lapsed-turns.ts";
import { neighbourStore } from "./neighbours.ts";
import { outboxStore } from "./outbox.ts";
import { publicationStore } from "./publications.ts";
import { quarantineStore } from "./quarantine.ts";
import { SILENT } from "./ring.ts";
import { standingStore } from "./standing.ts";
import { sweepStore } from "./sweep.ts";
import { turnStore } from "./turn.ts";

/** The engine's store on PostgreSQL. Row locks are taken in one order: pull request, dirspaces by id, runs. */
export function engineStore(
  database: Database,
  newId: () => EventId,
  bell: Bell = SILENT,
): EngineStore {
  return {
    ...intakeStore(database, newId, bell),
    ...turnStore(database),
    ...outboxStore(database),
    ...neighbourStore(database, bell),
    ...publicationStore(database),
    ...attemptStore(database, bell),
    ...admissionStore(database),
    ...knownStore(database),
    ...lapsedTurnStore(database),
    ...standingStore(database, newId, bell),
    ...sweepStore(database, bell),
    ...quarantineStore(database),
  };
}
