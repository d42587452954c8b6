import type { InstallationId, RepositoryId } from "../../../src/core/ids.ts";
import type { MemoryDatabase } from "./database.ts";
import { wakeAdmission } from "./jobs.ts";

/** What the repository has in the queue goes with it to another installation. */
export function moveQueue(
  db: MemoryDatabase,
  repository: RepositoryId,
  from: InstallationId,
  to: InstallationId,
): void {
  const { ciGates, ciJobs, ciLanes, ciNews, ciShares } = db.tables;
  for (const job of ciJobs.values()) {
    if (job.repositoryId !== repository || job.state === "ended") continue;
    ciJobs.put(job.attemptId, { ...job, installation: to });
  }
  for (const news of ciNews.values()) {
    const job = news.attemptId === undefined ? undefined : ciJobs.get(news.attemptId);
    const dirspace =
      news.dirspaceId === undefined ? undefined : db.tables.dirspaces.get(news.dirspaceId);
    const isOfIt = job?.repositoryId === repository || dirspace?.repositoryId === repository;
    if (news.installation === from && isOfIt) ciNews.put(news.id, { ...news, installation: to });
  }
  const share = ciShares.get(repository);
  if (share !== undefined) {
    ciShares.put(repository, { ...share, served: ciGates.get(to) ?? 0, open: true });
  }
  for (const lane of ciLanes.keys()) {
    if (lane.startsWith(`${repository}|`)) ciLanes.put(lane, true);
  }
  for (const id of [from, to]) wakeAdmission(db, id, `moved:${repository}:${id}`);
}
