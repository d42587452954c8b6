import { compareText } from "../../../src/core/change/dirspace.ts";
import type { PullRequestId } from "../../../src/core/ids.ts";
import type { EngineStore, OpenPublication } from "../../../src/ports/engine-store.ts";
import type { MemoryDatabase } from "./database.ts";
import { changePullRequest, needPullRequest } from "./pull-requests.ts";
import type { PublicationRow } from "./rows.ts";

export function publicationStore(
  db: MemoryDatabase,
): Pick<EngineStore, "publication" | "keepPublication" | "openPublications"> {
  const { publications } = db.tables;
  return {
    publication: (pullRequest, key) =>
      db.transaction(() => {
        const row = publications.get(`${pullRequest}|${key}`);
        if (row === undefined) return undefined;
        const { externalId, contentHash, content, open, at } = row;
        return { externalId, contentHash, content, open, at };
      }),
    openPublications: (pullRequest) =>
      db.transaction(() => readPublications(db, pullRequest, (row) => row.open)),
    keepPublication: (pullRequest, key, { externalId, contentHash, content, open }) =>
      db.transaction(() => {
        needPullRequest(db, pullRequest);
        const shown = { externalId, contentHash, content, open, at: db.now };
        const row = { pullRequestId: pullRequest, key, ...shown };
        publications.put(`${pullRequest}|${key}`, row);
        changePullRequest(db, pullRequest, { changeSeq: db.next("change") });
      }),
  };
}

/** Those, in the order of their keys. */
export function readPublications(
  db: MemoryDatabase,
  pullRequest: PullRequestId,
  which: (row: PublicationRow) => boolean,
): readonly OpenPublication[] {
  return [...db.tables.publications.values()]
    .filter((row) => row.pullRequestId === pullRequest && which(row))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ key, externalId, contentHash, content, open, at }) => ({
      key,
      externalId,
      contentHash,
      content,
      open,
      at,
    }));
}
