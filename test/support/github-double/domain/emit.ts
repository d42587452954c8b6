import { simpleUser } from "../shapes/account.ts";
import { webhookContext } from "../shapes/repository.ts";
import type { Json } from "../spec/description.ts";
import { type Account, installationOf, nodeId, type Repository, type World } from "../world.ts";

/** Permission an app needs to be told of an event; without it GitHub stays silent. */
const NEEDS: Readonly<Record<string, string>> = {
  check_run: "checks",
  check_suite: "checks",
  issue_comment: "issues",
  merge_group: "merge_queues",
  pull_request: "pull_requests",
  pull_request_review: "pull_requests",
  push: "contents",
  status: "statuses",
  workflow_dispatch: "contents",
  workflow_job: "actions",
  workflow_run: "actions",
};

/** Sends an event to the app, if it is installed here, subscribed and allowed to hear it. */
export function emit(
  world: World,
  repository: Repository,
  event: string,
  sender: Account,
  payload: Json,
): void {
  const installation = installationOf(world, repository);
  if (installation === undefined || installation.suspendedAt !== undefined) return;
  if (!installation.events.includes("*") && !installation.events.includes(event)) return;
  const needs = NEEDS[event];
  if (needs !== undefined && installation.permissions[needs] === undefined) {
    // Comments on pull requests are also told to who may see pull requests.
    if (event !== "issue_comment" || installation.permissions["pull_requests"] === undefined)
      return;
  }
  world.deliveries.emit(world, event, repository, installation.id, {
    ...payload,
    ...webhookContext(world, repository),
    sender: simpleUser(world, sender),
    installation: { id: installation.id, node_id: nodeId("MDIz", installation.id) },
  });
}
