import { checkRunWebhook } from "../shapes/check.ts";
import type { Account, CheckRun, Repository, World } from "../world.ts";
import { emit } from "./emit.ts";

export function emitCheck(
  world: World,
  repo: Repository,
  check: CheckRun,
  action: "created" | "completed" | "rerequested" | "requested_action",
  by: Account,
  more: Readonly<Record<string, unknown>> = {},
): void {
  emit(world, repo, "check_run", by, {
    action,
    ...more,
    check_run: checkRunWebhook(world, repo, check),
  });
}

/** One suite per app and commit. */
export function suiteOf(world: World, repo: Repository, sha: string): number {
  let suite = repo.suites.get(sha);
  if (suite === undefined) repo.suites.set(sha, (suite = world.nextId()));
  return suite;
}
