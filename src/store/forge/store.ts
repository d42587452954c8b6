import type { ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import { forgeChecks } from "./checks.ts";
import { forgeComments, forgeReviews } from "./conversation.ts";
import { forgeDeliveries } from "./events.ts";
import { forgeIssues } from "./issues.ts";
import { forgeObservations } from "./observe.ts";
import { forgePullRequests } from "./pull-requests.ts";
import { forgePeople, forgeRepositories } from "./repositories.ts";
import { forgeReviewRequests } from "./review-requests.ts";

/**
 * The local forge's memory on PostgreSQL. Locks: every change takes the row of its repository first
 * and only that one, so two changes of one repository wait for each other and never deadlock.
 */
export function createForgeStore(database: Database): ForgeStore {
  return {
    ...forgeRepositories(database),
    ...forgePeople(database),
    ...forgePullRequests(database),
    ...forgeComments(database),
    ...forgeReviews(database),
    ...forgeReviewRequests(database),
    ...forgeChecks(database),
    ...forgeIssues(database),
    ...forgeObservations(database),
    ...forgeDeliveries(database),
  };
}
