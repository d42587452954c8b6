import type { InstallationId } from "../../../src/core/ids.ts";
import {
  BLOCKED_SECONDS,
  NEWS_OVERDUE_SECONDS,
} from "../../../src/store/engine/admission-sweep.ts";
import { tell } from "./ci-queue.ts";
import type { MemoryDatabase } from "./database.ts";
import { wakeAdmission } from "./jobs.ts";

/** L39: as `src/store/engine/admission-sweep.ts`. */
export function wakeAdmissions(db: MemoryDatabase): void {
  tellAgain(db);
  const { ciNews, ciJobs, ciShares, jobByKey } = db.tables;
  const before = db.now - NEWS_OVERDUE_SECONDS * 1000;
  const overdue = new Set<InstallationId>();
  for (const news of ciNews.values()) {
    if (news.createdAt < before) overdue.add(news.installation);
  }
  for (const job of ciJobs.values()) {
    const open = ciShares.get(job.repositoryId)?.open === true;
    if (open || (job.state === "new" && job.createdAt < before)) overdue.add(job.installation);
  }
  for (const id of overdue) {
    const key = `sweep:${id}`;
    const job = jobByKey.one(`admit:${key}`);
    if (job !== undefined && job.attempts < job.attemptsMax) continue;
    wakeAdmission(db, id, key, NEWS_OVERDUE_SECONDS * 1000);
  }
}

function tellAgain(db: MemoryDatabase): void {
  const { attempts, ciJobs, ciNews } = db.tables;
  const before = db.now - BLOCKED_SECONDS * 1000;
  const told = new Set([...ciNews.values()].map((news) => news.attemptId ?? news.dirspaceId));
  for (const { attemptId, installation, state, blockedOn, blockedAt } of ciJobs.values()) {
    if (state === "admitted" && !told.has(attemptId)) {
      const attempt = attempts.get(attemptId);
      if (attempt?.endedAt === undefined && attempt?.finishedAt === undefined) continue;
      tell(db, { installation, attemptId, dirspaceId: undefined });
    } else if (state === "blocked" && blockedOn !== undefined && !told.has(blockedOn)) {
      if (blockedAt === undefined || blockedAt >= before) continue;
      told.add(blockedOn);
      tell(db, { installation, attemptId: undefined, dirspaceId: blockedOn });
    }
  }
}
