import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { BudgetStore, WaitingEffects } from "../../ports/budget.ts";
import type { Database } from "../pool.ts";

const INSTALLATIONS_MAX = 500;

/** Who has how many repositories where, and what is still to be done for them. */
export function budgetStore(database: Database): BudgetStore {
  return {
    async installations(vcs) {
      const { rows } = await sql<Row>`
        with known as (
          select installation.id, installation.vcs, installation.external_id as installation,
            count(*)::int as repositories, min(owner) as first_owner, max(owner) as last_owner
          from installation
          join repository on repository.installation_id = installation.id
          cross join lateral regexp_replace(repository.full_name, '/[^/]*$', '') as owner
          where installation.vcs = any(${[...vcs]})
          group by installation.id
          order by installation.vcs, min(owner), installation.id limit ${INSTALLATIONS_MAX}
        ), waiting as (
          select repository.installation_id as id, outbox.effect ->> 'kind' as what, outbox.rests,
            count(*)::int as count, min(outbox.not_before) as next_at
          from outbox
          join pull_request on pull_request.id = outbox.pull_request_id
          join repository on repository.id = pull_request.repository_id
          where outbox.done < outbox.wanted and not outbox.dead
            and outbox.effect ->> 'kind' not in ('tell_neighbours', 'forward_command')
          group by 1, 2, 3
        )
        select known.vcs, known.installation, known.repositories, known.first_owner,
          known.last_owner, waiting.what, waiting.rests, waiting.count, waiting.next_at
        from known left join waiting on waiting.id = known.id
        order by known.vcs, known.first_owner, known.id, waiting.next_at, waiting.what
      `.execute(database.statements);
      const found = new Map<string, Row[]>();
      for (const row of rows) {
        const key = JSON.stringify([row.vcs, row.installation]);
        found.set(key, [...(found.get(key) ?? []), row]);
      }
      return [...found.values()].flatMap((its) => {
        const [first] = its;
        if (first === undefined) return [];
        const { vcs: name, installation, repositories, first_owner, last_owner } = first;
        const owner = first_owner === last_owner ? first_owner : undefined;
        return [{ vcs: name, installation, owner, repositories, waiting: its.flatMap(waitingOf) }];
      });
    },
  };
}

interface Row {
  readonly vcs: string;
  readonly installation: string;
  readonly repositories: number;
  readonly first_owner: string;
  readonly last_owner: string;
  readonly what: string | null;
  readonly rests: boolean | null;
  readonly count: number | null;
  readonly next_at: Date | null;
}

function waitingOf({ what, rests, count, next_at }: Row): readonly WaitingEffects[] {
  if (what === null || count === null || next_at === null) return [];
  return [{ what, rests: rests === true, count, nextAt: next_at.getTime() as Instant }];
}
