import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { EngineStore, OpenPublication, StoredPublication } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import type { Tx } from "../transaction.ts";

type PublicationStore = Pick<EngineStore, "publication" | "keepPublication" | "openPublications">;

export function publicationStore(database: Database): PublicationStore {
  return {
    async publication(pullRequest, key) {
      const { rows } = await sql<Row>`
        select key, external_id, content_hash, content, open, updated_at from publication
        where pull_request_id = ${pullRequest} and key = ${key}
      `.execute(database.statements);
      return rows.map(publicationOf)[0];
    },
    openPublications: (pullRequest) =>
      readPublications(database.statements, sql`pull_request_id = ${pullRequest} and open`),
    async keepPublication(pullRequest, key, publication) {
      await sql`
        insert into publication (pull_request_id, key, external_id, content_hash, content, open)
        values (${pullRequest}, ${key}, ${publication.externalId}, ${publication.contentHash},
          ${publication.content}, ${publication.open})
        on conflict (pull_request_id, key) do update set external_id = excluded.external_id,
          content_hash = excluded.content_hash, content = excluded.content, open = excluded.open,
          updated_at = now()
      `.execute(database.statements);
      await sql`
        update pull_request set change_seq = nextval('change_seq') where id = ${pullRequest}
      `.execute(database.statements);
    },
  };
}

/** Those, in the order of their keys. */
export async function readPublications(
  from: Database["statements"] | Tx,
  which: RawBuilder<unknown>,
): Promise<readonly OpenPublication[]> {
  const { rows } = await sql<Row>`
    select key, external_id, content_hash, content, open, updated_at from publication
    where ${which} order by key collate "C"
  `.execute(from);
  return rows.map((row) => ({ key: row.key, ...publicationOf(row) }));
}

interface Row {
  readonly key: string;
  readonly external_id: string;
  readonly content_hash: string;
  readonly content: string | null;
  readonly open: boolean;
  readonly updated_at: Date;
}

function publicationOf(row: Row): StoredPublication {
  return {
    externalId: row.external_id,
    contentHash: row.content_hash,
    content: row.content ?? "",
    open: row.open,
    at: row.updated_at.getTime() as Instant,
  };
}
