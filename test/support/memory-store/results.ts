import { present } from "../../../src/base/assert.ts";
import type { Instant } from "../../../src/base/brand.ts";
import { compareDirspaces } from "../../../src/core/change/dirspace.ts";
import type { PullRequestId } from "../../../src/core/ids.ts";
import { RESULT_KEY_PREFIX } from "../../../src/core/notify/outstanding.ts";
import type { ResultStore, StoredRun } from "../../../src/ports/result-store.ts";
import { workKey } from "./constraints.ts";
import type { MemoryDatabase } from "./database.ts";
import { readPublications } from "./publications.ts";
import { dirspaceRow } from "./snapshot.ts";

export function resultStore(db: MemoryDatabase): ResultStore {
  const { runsOf, worksOf, works } = db.tables;
  return {
    told: (pullRequest) =>
      db.transaction(() => ({
        runs: readEndedRuns(db, pullRequest),
        comments: readPublications(db, pullRequest, ({ key }) => key.startsWith(RESULT_KEY_PREFIX)),
        rememberedSince: 0 as Instant,
      })),
    results: (pullRequest, which) =>
      db.transaction(() =>
        which.flatMap(({ run: number, dirspace }) => {
          const run = [...runsOf.of(pullRequest)].find((one) => one.number === number);
          const own = run === undefined ? [] : [...worksOf.of(run.id)];
          const work = own.find((one) => dirspaceRow(db, one.dirspaceId).key === dirspace);
          if (work === undefined) return [];
          const { op, state, result: report, because, planRunId, dirspaceId } = work;
          const plan =
            planRunId === undefined ? undefined : works.get(workKey(planRunId, dirspaceId))?.result;
          return [{ run: number, dirspace, op, state, report, because, plan }];
        }),
      ),
  };
}

function readEndedRuns(db: MemoryDatabase, pullRequest: PullRequestId): readonly StoredRun[] {
  return [...db.tables.runsOf.of(pullRequest)]
    .filter((run) => run.state === "ended")
    .sort((a, b) => a.number - b.number)
    .flatMap((run): readonly StoredRun[] => {
      const works = [...db.tables.worksOf.of(run.id)];
      if (works.length === 0) return [];
      const at = works.map(({ dirspaceId }) => dirspaceRow(db, dirspaceId));
      return [
        {
          number: run.number,
          kind: run.kind,
          headSha: run.headSha,
          outcome: present(run.outcome, "an ended run has an outcome"),
          endedAt: present(run.endedAt, "an ended run has ended"),
          comments: run.settings?.resultComments,
          dirspaces: at
            .sort((a, b) => compareDirspaces(a.dirspace, b.dirspace))
            .map(({ key }) => key),
          forgotten: works.some(({ forgotten }) => forgotten),
        },
      ];
    });
}
