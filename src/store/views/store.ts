import type { JobCaps } from "../../core/schedule/caps.ts";
import type { ViewStore } from "../../ports/view-store.ts";
import type { Database } from "../pool.ts";
import { historyViews } from "./history.ts";
import { lockViews } from "./locks.ts";
import { pullRequestViews } from "./pull-requests.ts";
import { repositoryViews } from "./repositories.ts";
import { runViews } from "./runs.ts";

/** What people look at, on PostgreSQL. `caps`: what a queued run can be kept waiting by. */
export function viewStore(database: Database, caps: JobCaps): ViewStore {
  return {
    ...repositoryViews(database),
    ...pullRequestViews(database),
    ...runViews(database, caps),
    ...lockViews(database),
    ...historyViews(database),
  };
}
