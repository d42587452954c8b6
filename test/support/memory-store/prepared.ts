import { canonicalJson } from "../../../src/base/canonical-json.ts";
import type { EventId, RunId } from "../../../src/core/ids.ts";
import type { RunnerStore } from "../../../src/ports/runner-store.ts";
import { putRun } from "./constraints.ts";
import type { MemoryDatabase } from "./database.ts";
import { insertEvent } from "./events.ts";
import { wakePullRequest } from "./jobs.ts";
import { wholeRun } from "./sessions.ts";
import { stored } from "./stored.ts";

type PreparedStore = Pick<RunnerStore, "keepPrepared" | "nextWork">;

export function preparedStore(db: MemoryDatabase): PreparedStore {
  const { runs, commitFacts } = db.tables;
  return {
    keepPrepared: ({ run }, what, answer) =>
      db.transaction(() => {
        const row = runs.get(run.runId);
        if (row === undefined || row.state === "ended") return "over";
        if (!row.prepares.includes(what)) return "not_asked";
        const { id: pullRequest, repository } = run.pullRequest;
        const name = `${repository.id}|${what}:${run.headSha}`;
        const known = commitFacts.get(name)?.answer ?? stored(answer);
        const key = `${what}:${run.headSha}`;
        commitFacts.put(name, { repositoryId: repository.id, key, answer: known });
        const same = canonicalJson(known) === canonicalJson(stored(answer));
        if (row.prepared.includes(what)) return same ? "repeated" : "conflict";
        putRun(db, { ...row, prepared: [...row.prepared, what] });
        const id = db.rowId("event", `${row.id}#prepared:${what}`) as EventId;
        insertEvent(db, pullRequest, id, { kind: "run_progressed", runId: row.id });
        wakePullRequest(db, pullRequest);
        return "recorded";
      }),
    nextWork: (run) => db.transaction(() => nextWork(db, run)),
  };
}

function nextWork(db: MemoryDatabase, id: RunId): Awaited<ReturnType<RunnerStore["nextWork"]>> {
  const run = db.tables.runs.get(id);
  const [attempt] = db.tables.attemptsOf.of(id);
  if (run === undefined || attempt === undefined || run.state === "ended") {
    return { kind: "over", outcome: run?.outcome ?? "lost" };
  }
  const claimed = wholeRun(db, attempt);
  if (claimed.units.length > 0) return { kind: "filled", run: claimed };
  return claimed.next === undefined ? { kind: "wait" } : { kind: "preparing", run: claimed };
}
