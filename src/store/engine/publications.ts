import { sql } from "kysely";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";

type PublicationStore = Pick<EngineStore, "publication" | "keepPublication">;

export function publicationStore(database: Database): PublicationStore {
  return {
    async publication(pullRequest, key) {
      const { rows } = await sql<{
        external_id: string;
        content_hash: string;
        content: string | null;
      }>`
        select external_id, content_hash, content from publication
        where pull_request_id = ${pullRequest} and key = ${key}
      `.execute(database.statements);
      return rows.map((row) => ({
        externalId: row.external_id,
        contentHash: row.content_hash,
        content: row.content ?? "",
      }))[0];
    },
    async keepPublication(pullRequest, key, publication) {
      await sql`
        insert into publication (pull_request_id, key, external_id, content_hash, content)
        values (${pullRequest}, ${key}, ${publication.externalId}, ${publication.contentHash},
          ${publication.content})
        on conflict (pull_request_id, key) do update set external_id = excluded.external_id,
          content_hash = excluded.content_hash, content = excluded.content, updated_at = now()
      `.execute(database.statements);
      await sql`
        update pull_request set change_seq = nextval('change_seq') where id = ${pullRequest}
      `.execute(database.statements);
    },
  };
}
