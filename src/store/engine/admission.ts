import { CompiledQuery } from "kysely";
import { present } from "../../base/assert.ts";
import type { AttemptId } from "../../core/ids.ts";
import type { JobCap, JobCaps } from "../../core/schedule/caps.ts";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inStatement } from "../transaction.ts";
import { JOB_ATTEMPTS_MAX, TASK_PERFORM } from "./jobs.ts";
import { priorityOf } from "./outbox.ts";
import { json } from "./rows.ts";

/** One transaction starts no more than these, so that it never holds the gate for long. */
export const STARTS_MAX = 16;
/** Nor does it look for a job more often; one that is found to be blocked is not found again. */
export const LOOKS_MAX = 200;
/** It hears no more than these of each kind. */
const NEWS_MAX = 500;
const PRIORITY = priorityOf({ kind: "dispatch" });

/**
 * S9: whoever admits holds the installation's gate, so the jobs counted are all there are. One statement, one round trip,
 * and nothing in it to plan: `ci_start` chooses, and what it started is dispatched outside, idempotent by its key (S25).
 * Sent twice it starts no more than there is room for.
 */
export function admissionStore(database: Database): Pick<EngineStore, "admit"> {
  // The same for as long as the server runs.
  const asText = new WeakMap<JobCaps, string>();
  function textOf(caps: JobCaps): string {
    const known = asText.get(caps) ?? json(plainCaps(caps));
    asText.set(caps, known);
    return known;
  }
  return {
    admit: (installation, caps) =>
      inStatement(database, async (statements) => {
        const { rows } = await statements.executeQuery<{ done: Admitted }>(
          CompiledQuery.raw(START, [
            installation,
            textOf(caps),
            STARTS_MAX,
            LOOKS_MAX,
            NEWS_MAX,
            TASK_PERFORM,
            PRIORITY,
            JOB_ATTEMPTS_MAX,
          ]),
        );
        return present(rows[0], "the answer of an admission").done;
      }),
  };
}

/**
 * Nobody waits for the disk here: what was started is read by others before anything happens outside, and each of their
 * commits does wait, for all that was committed before it too. Lost with the machine, all of it is lost, and it is done
 * again.
 */
const START =
  "select ci_start($1, $2, $3, $4, $5, $6, $7, $8) as done, set_config('synchronous_commit', 'off', true)";

interface Admitted {
  readonly started: readonly AttemptId[];
  readonly more: boolean;
}

function plainCaps({ installation, repository, environment }: JobCaps): object {
  const plain = ({ max, of }: JobCap) => ({ max, of: Object.fromEntries(of) });
  return {
    installation: plain(installation),
    repository: plain(repository),
    environment: plain(environment),
  };
}
