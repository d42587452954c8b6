import type { RunnerStore } from "../../ports/runner-store.ts";
import type { Database } from "../pool.ts";
import { grantStore } from "./grant.ts";
import { sessionStore } from "./sessions.ts";
import { workStore } from "./work.ts";

/** What the runner's door reads and writes, on PostgreSQL. */
export function runnerStore(database: Database): RunnerStore {
  return { ...sessionStore(database), ...workStore(database), ...grantStore(database) };
}
