import type { Mutant } from "./mutant.ts";

/** Bugs in the SQL and in the tables: `src/store` and `migrations`. */
export const OF_THE_STORE: readonly Mutant[] = [
  stored("SQL: the newest event first", "src/store/engine/turn.ts", [
    "    order by seq limit 1",
    "    order by seq desc limit 1",
  ]),
  stored("SQL: an older effect takes a newer wish away", "src/store/engine/outbox.ts", [
    "done = greatest(done, ${wanted}), performed_at",
    "done = greatest(wanted, ${wanted}), performed_at",
  ]),
  stored("SQL: an older failure buries a newer wish", "src/store/engine/outbox.ts", [
    "where key = ${key} and wanted = ${wanted}\n",
    "where key = ${key} and wanted >= ${wanted}\n",
  ]),
  stored("SQL: wishes are not armed again", "src/store/engine/outbox.ts", [
    "set wanted = outbox.wanted + 1,",
    "set wanted = outbox.wanted,",
  ]),
  stored("SQL: a grant does not raise the fence", "src/store/runner/grant.ts", [
    "set last_fence = last_fence + 1",
    "set last_fence = last_fence + 0",
  ]),
  stored("SQL: no fence is compared", "src/store/runner/work.ts", [
    "if (fence !== undefined && String(fence) !== row.fence) {",
    "if (fence !== undefined && fence < 0) {",
  ]),
  stored("SQL: the last claim wins", "src/store/runner/sessions.ts", [
    'if (!isFree && !again) return { kind: "already_claimed" };',
    "",
  ]),
  stored("SQL: a permission for a job that has lost its attempt", "src/store/runner/grant.ts", [
    "      and (ci_run is null or ci_run = claimed_ci_run)\n" +
      "      and claimed_ci_run is not distinct from ${session.claimedBy ?? null} for share",
    "      and (ci_run is null or ci_run = claimed_ci_run) for share",
  ]),
  stored("SQL: last words of a job that has lost its attempt", "src/store/runner/sessions.ts", [
    "where id = ${attempt} and claimed_ci_run is not distinct from ${claimedBy ?? null}",
    "where id = ${attempt} and ${claimedBy ?? null}::text is not distinct from ${claimedBy ?? null}",
  ]),
  stored("SQL: a token opens twice", "src/store/runner/sessions.ts", [
    'if (fresh.rows.length === 0 && !again) return { kind: "token_used" };',
    "",
  ]),
  stored("SQL: a plan made beside an apply is fresh", "src/store/engine/create-run.ts", [
    "and busy.state in ('granted', 'unknown')\n      ) then 1 else 0 end)",
    "and busy.state in ('granted', 'unknown')\n      ) then 0 else 0 end)",
  ]),
  stored("SQL: works are not numbered", "src/store/engine/create-run.ts", [
    "set last_seq = last_seq + 1",
    "set last_seq = last_seq + 0",
  ]),
  stored("SQL: never started, although somebody claimed", "src/store/engine/attempts.ts", [
    'and (attempt.claimed_at is null or ${how.kind !== "never_started"})',
    "",
  ]),
  stored("SQL: unlock forgets to let go", "src/store/engine/write-locks.ts", [
    "where lock.pull_request_id = ${id} and dirspace.id = lock.dirspace_id",
    "where lock.pull_request_id <> ${id} and dirspace.id = lock.dirspace_id",
  ]),
  stored("SQL: what was looked up stays after an outage", "src/store/engine/turn.ts", [
    "await sql`delete from event_fact where event_id = ${event}`.execute(database.statements);",
    "await Promise.resolve(event);",
  ]),
  stored("SQL: an answer to a comment is not kept", "src/store/engine/writes.ts", [
    "set obeyed_comments = obeyed_comments || ${commentId}::text",
    "set obeyed_comments = obeyed_comments",
  ]),
  {
    name: "SQL: no unique index, and no row is held",
    by: "interleavings",
    edits: [
      {
        file: "src/store/migrations.gen.ts",
        find: "create unique index work_one_apply",
        replace: "create index work_one_apply",
      },
      {
        file: "src/store/runner/grant.ts",
        find: "${selectDirspace(session, unit)} for no key update",
        replace: "${selectDirspace(session, unit)}",
      },
    ],
  },
];

function stored(
  name: string,
  file: string,
  [find, replace]: readonly [find: string, replace: string],
): Mutant {
  return { name, by: "histories", edits: [{ file, find, replace }] };
}
