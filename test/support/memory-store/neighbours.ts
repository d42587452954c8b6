import { createHash } from "node:crypto";
import type { EventId, PullRequestId } from "../../../src/core/ids.ts";
import type { EngineStore } from "../../../src/ports/engine-store.ts";
import type { MemoryDatabase } from "./database.ts";
import { findDirspace } from "./dirspaces.ts";
import { insertEvent } from "./events.ts";
import { wakePullRequest } from "./jobs.ts";
import { storedPullRequest } from "./pull-requests.ts";

export function neighbourStore(
  db: MemoryDatabase,
): Pick<EngineStore, "tellNeighbours" | "pullRequestByNumber"> {
  const { memberPullRequests, pullRequests, pullRequestByNumber } = db.tables;
  return {
    tellNeighbours: (from, { key: effectKey, because, dirspaces }) =>
      db.transaction(() => {
        const others = new Set<PullRequestId>();
        for (const key of dirspaces) {
          const dirspace = findDirspace(db, from.repository.id, key);
          if (dirspace === undefined) continue;
          for (const { pullRequestId } of memberPullRequests.of(dirspace.id)) {
            const view = pullRequests.get(pullRequestId)?.view;
            if (pullRequestId === from.id || view === undefined) continue;
            if (view.state === "open" || isBusy(db, pullRequestId)) others.add(pullRequestId);
          }
        }
        for (const other of [...others].sort()) {
          const happening = { kind: "neighbour_changed", number: from.number, because } as const;
          insertEvent(db, other, eventId(effectKey + other), happening);
          wakePullRequest(db, other);
        }
      }),
    pullRequestByNumber: (repository, number) =>
      db.transaction(() => {
        const row = pullRequestByNumber.one(`${repository}#${number}`);
        return row === undefined ? undefined : storedPullRequest(db, row.id);
      }),
  };
}

function isBusy({ tables }: MemoryDatabase, id: PullRequestId): boolean {
  if (tables.locksBy.one(id) !== undefined || tables.waits.get(id) !== undefined) return true;
  return [...tables.runs.values()].some((run) => run.pullRequestId === id && run.state !== "ended");
}

/** The id follows from the effect, so telling twice is telling once (S25). */
function eventId(from: string): EventId {
  const hex = createHash("md5").update(from).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join("-") as EventId;
}
