import type { EventId } from "../../core/ids.ts";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { attemptStore } from "./attempts.ts";
import { intakeStore } from "./intake.ts";
import { neighbourStore } from "./neighbours.ts";
import { outboxStore } from "./outbox.ts";
import { publicationStore } from "./publications.ts";
import { sweepStore } from "./sweep.ts";
import { turnStore } from "./turn.ts";

/** The engine's store on PostgreSQL. Row locks are taken in one order: pull request, dirspaces by id, runs. */
export function engineStore(database: Database, newId: () => EventId): EngineStore {
  return {
    ...intakeStore(database, newId),
    ...turnStore(database),
    ...outboxStore(database),
    ...neighbourStore(database),
    ...publicationStore(database),
    ...attemptStore(database),
    ...sweepStore(database),
  };
}
