import type { Bell } from "../../ports/bell.ts";
import type { RunnerStore } from "../../ports/runner-store.ts";
import { SILENT } from "../engine/ring.ts";
import type { Database } from "../pool.ts";
import { codeStore } from "./codes.ts";
import { compatibleStore } from "./compatible.ts";
import { grantStore } from "./grant.ts";
import { preparedStore } from "./prepared.ts";
import { sessionStore } from "./sessions.ts";
import { workStore } from "./work.ts";

/** What the runner's door reads and writes, on PostgreSQL. */
export function runnerStore(database: Database, bell: Bell = SILENT): RunnerStore {
  return {
    ...sessionStore(database, bell),
    ...compatibleStore(database),
    ...codeStore(database),
    ...preparedStore(database, bell),
    ...workStore(database, bell),
    ...grantStore(database, bell),
  };
}
