import { sql } from "kysely";
import { type Answer, questionKey } from "../../core/fact.ts";
import type { RepositoryId } from "../../core/ids.ts";
import type { RepositoryRecord, ViewStore } from "../../ports/view-store.ts";
import type { Database } from "../pool.ts";
import { REPOSITORIES_MAX } from "./limits.ts";
import { setupTraces } from "./setup-traces.ts";

type RepositoryViews = Pick<ViewStore, "repositories" | "repository" | "setupTraces" | "code">;

export function repositoryViews(database: Database): RepositoryViews {
  const db = database.statements;
  return {
    async repositories() {
      const { rows } = await sql<Row>`
        ${SELECT} order by repository.full_name, repository.id limit ${REPOSITORIES_MAX}
      `.execute(db);
      return rows.map(record);
    },
    async repository(id) {
      const { rows } = await sql<Row>`${SELECT} where repository.id::text = ${id}`.execute(db);
      return rows.map(record)[0];
    },
    setupTraces: (repository) => setupTraces(database, repository),
    async code(repository, commit) {
      const { rows } = await sql<{ readonly answer: Answer }>`
        select answer from commit_fact
        where repository_id = ${repository} and key = ${questionKey({ kind: "index", commit })}
      `.execute(db);
      const answer = rows[0]?.answer;
      return answer?.kind === "index" ? answer.index : undefined;
    },
  };
}

interface Row {
  readonly id: RepositoryId;
  readonly external_id: string;
  readonly full_name: string;
  readonly default_branch: string;
  readonly vcs: string;
  readonly installation: string;
  readonly open: number;
  readonly planned: boolean;
}

const SELECT = sql`
  select repository.id, repository.external_id, repository.full_name, repository.default_branch,
    installation.vcs, installation.external_id as installation,
    (
      select count(*)::int from pull_request
      where pull_request.repository_id = repository.id and view ->> 'state' = 'open'
    ) as open,
    exists (
      select from pull_request join work on work.pull_request_id = pull_request.id
      where pull_request.repository_id = repository.id and work.state in ('planned', 'applied')
    ) as planned
  from repository join installation on installation.id = repository.installation_id
`;

function record(row: Row): RepositoryRecord {
  return {
    id: row.id,
    vcs: row.vcs,
    ref: { installation: row.installation, id: row.external_id, fullName: row.full_name },
    defaultBranch: row.default_branch,
    openPullRequests: row.open,
    planned: row.planned,
  };
}
