import { type RawBuilder, sql } from "kysely";

/**
 * Part of a statement: notes that these repositories were heard of. At most once a minute, in one order, and never waiting for
 * somebody who notes the same: every delivery comes by here.
 */
export function noteHeard(repositories: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    update repository set heard_at = now() from (
      select id from repository
      where id in (${repositories}) and (heard_at is null or heard_at < now() - interval '1 minute')
      order by id for no key update skip locked
    ) as quiet where repository.id = quiet.id
  `;
}
