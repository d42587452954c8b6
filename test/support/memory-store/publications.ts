import type { EngineStore } from "../../../src/ports/engine-store.ts";
import type { MemoryDatabase } from "./database.ts";
import { changePullRequest, needPullRequest } from "./pull-requests.ts";

export function publicationStore(
  db: MemoryDatabase,
): Pick<EngineStore, "publication" | "keepPublication"> {
  const { publications } = db.tables;
  return {
    publication: (pullRequest, key) =>
      db.transaction(() => {
        const row = publications.get(`${pullRequest}|${key}`);
        if (row === undefined) return undefined;
        const { externalId, contentHash, content } = row;
        return { externalId, contentHash, content };
      }),
    keepPublication: (pullRequest, key, { externalId, contentHash, content }) =>
      db.transaction(() => {
        needPullRequest(db, pullRequest);
        const row = { pullRequestId: pullRequest, key, externalId, contentHash, content };
        publications.put(`${pullRequest}|${key}`, row);
        changePullRequest(db, pullRequest, { changeSeq: db.next("change") });
      }),
  };
}
