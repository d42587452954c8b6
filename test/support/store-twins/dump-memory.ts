import type { MemoryStore } from "../memory-store/store.ts";
import type { Dump } from "./dump.ts";
import type { DumpedTable } from "./dump-sql.ts";
import { uuid } from "./given-id.ts";

type Tables = MemoryStore["tables"];

/** The rows as the columns of the table say them. */
const ROWS: { readonly [K in DumpedTable]: (tables: Tables) => readonly object[] } = {
  repository: (tables) =>
    all(tables.repositories).map(({ stored, ...row }) => ({
      ...row,
      externalId: stored.ref.id,
      fullName: stored.ref.fullName,
      defaultBranch: stored.defaultBranch,
    })),
  pull_request: (tables) => all(tables.pullRequests),
  dirspace: (tables) =>
    all(tables.dirspaces).map(({ key: _, dirspace, ...row }) => ({ ...row, ...dirspace })),
  pull_request_dirspace: (tables) => all(tables.members),
  delivery: (tables) => all(tables.deliveries),
  event: (tables) => all(tables.events),
  ignored_delivery: (tables) => all(tables.ignoredDeliveries),
  commit_fact: (tables) => all(tables.commitFacts),
  event_fact: (tables) => all(tables.eventFacts),
  decision: (tables) =>
    all(tables.decisions).map(({ at, facts, snapshot, ...row }) => ({
      ...row,
      decidedAt: at,
      eventAt: tables.events.get(row.eventId)?.receivedAt,
      facts: Object.fromEntries([...facts].filter(([key]) => !row.commitFacts.includes(key))),
      snapshot: { ...snapshot, held: [...snapshot.held] },
    })),
  run: (tables) =>
    all(tables.runs).map(({ actor, expected, ...row }) => ({
      ...row,
      expectedMs: expected?.jobMs,
      remainingMs: expected?.remainingMs,
      actor: actor?.login,
      actorId: actor?.id,
    })),
  attempt: (tables) => all(tables.attempts),
  used_token: (tables) => all(tables.usedTokens).map((tokenId) => ({ tokenId })),
  work: (tables) => all(tables.works),
  ci_gate: (tables) =>
    pairs(tables.ciGates).map(([name, served]) => ({
      installationId: uuid(name),
      served,
      // PostgreSQL keeps the number instead of counting (S9).
      admitted: all(tables.ciJobs).filter(
        (job) => job.installation === name && job.state === "admitted",
      ).length,
    })),
  ci_share: (tables) =>
    pairs(tables.ciShares).map(([repositoryId, row]) => ({ repositoryId, ...row })),
  ci_lane: (tables) =>
    pairs(tables.ciLanes).map(([name, open]) => ({ ...splitName(name, "environment"), open })),
  ci_job: (tables) => all(tables.ciJobs).map((row) => ofInstallation(row)),
  ci_news: (tables) => all(tables.ciNews).map((row) => ofInstallation(row)),
  work_duration: (tables) =>
    pairs(tables.workDurations).map(([name, ms]) => {
      const [dirspaceId, op] = name.split("|");
      return { dirspaceId: Number(dirspaceId), op, ms };
    }),
  apply_grant: (tables) => all(tables.grants),
  plan_file: (tables) =>
    all(tables.planFiles).map(({ sealed, ...row }) => ({
      ...row,
      sealed: Buffer.from(sealed).toString("hex"),
    })),
  lock: (tables) => all(tables.locks),
  lock_wait: (tables) => all(tables.waits),
  lock_wait_dirspace: (tables) => all(tables.waitDirspaces).map(({ key: _, ...row }) => row),
  late_result: (tables) => all(tables.lateResults),
  outbox: (tables) => all(tables.outbox),
  publication: (tables) =>
    all(tables.publications).map(({ at: updatedAt, ...row }) => ({ ...row, updatedAt })),
  output_chunk: (tables) => all(tables.output),
  job: (tables) =>
    all(tables.jobs)
      .filter((row) => row.what.task !== "advance")
      .map(({ id: _, what: { task, ...payload }, ...row }) => ({
        ...row,
        key: row.key === undefined ? undefined : keyInSql(row.key),
        task,
        payload: "installation" in payload ? ofInstallation(payload, "installation") : payload,
      })),
  ring: (tables) =>
    all(tables.jobs).flatMap(({ what, key, lockedAt, runAt }) =>
      what.task === "advance" && key !== undefined && lockedAt === undefined
        ? [{ pullRequest: what.pullRequest, runAt }]
        : [],
    ),
};

/** A job that wakes an admission whose word was lost is called after its installation. */
const SWEPT = /^(admit:sweep:)(.*)$/;

/** The key of the same job on PostgreSQL. */
export function keyInSql(key: string): string {
  return key.replace(SWEPT, (_all, before: string, name: string) => before + uuid(name));
}

function all<Row>(table: { values(): Iterable<Row> }): readonly Row[] {
  return [...table.values()];
}

function pairs<K extends string, Row>(table: {
  keys(): Iterable<K>;
  get(key: K): Row | undefined;
}): readonly (readonly [K, Row])[] {
  return [...table.keys()].flatMap((key) => {
    const row = table.get(key);
    return row === undefined ? [] : [[key, row] as const];
  });
}

/** In memory an installation is called by its name. */
function ofInstallation<Row extends { readonly installation: string }>(
  { installation, ...row }: Row,
  column = "installationId",
): object {
  return { ...row, [column]: uuid(installation) };
}

function splitName(name: string, column: string): object {
  const bar = name.indexOf("|");
  return { repositoryId: name.slice(0, bar), [column]: name.slice(bar + 1) };
}

export function dumpMemory({ tables }: MemoryStore): Dump {
  return Object.fromEntries(Object.entries(ROWS).map(([table, rows]) => [table, rows(tables)]));
}
