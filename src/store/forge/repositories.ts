import { sql } from "kysely";
import type { AccountId } from "../../core/ids.ts";
import type { Permission } from "../../core/pull-request.ts";
import type { ForgeAccount, ForgeRepository, ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import { date } from "./rows.ts";

type Repositories = Pick<
  ForgeStore,
  "addRepository" | "repositories" | "repository" | "repositoryNamed"
>;

interface RepositoryRow {
  readonly id: string;
  readonly full_name: string;
  readonly bare_dir: string;
}

const REPOSITORIES_MAX = 10_000;

export function forgeRepositories(database: Database): Repositories {
  const db = database.statements;
  return {
    async addRepository({ id, fullName, bareDir, at }) {
      // The statement decides; the second one only says which of the two names was taken.
      const { rows } = await sql`
        insert into forge_repository (id, full_name, bare_dir, created_at)
        values (${id}, ${fullName}, ${bareDir}, ${date(at)})
        on conflict do nothing returning id
      `.execute(db);
      if (rows.length > 0) return "added";
      const named = await sql`
        select 1 from forge_repository where full_name = ${fullName}
      `.execute(db);
      return named.rows.length > 0 ? "name_taken" : "directory_taken";
    },
    async repositories() {
      const { rows } = await sql<RepositoryRow>`
        select id, full_name, bare_dir from forge_repository
        order by full_name limit ${REPOSITORIES_MAX}
      `.execute(db);
      return rows.map(repository);
    },
    async repository(id) {
      const { rows } = await sql<RepositoryRow>`
        select id, full_name, bare_dir from forge_repository where id = ${id}
      `.execute(db);
      return rows.map(repository)[0];
    },
    async repositoryNamed(fullName) {
      const { rows } = await sql<RepositoryRow>`
        select id, full_name, bare_dir from forge_repository where full_name = ${fullName}
      `.execute(db);
      return rows.map(repository)[0];
    },
  };
}

function repository(row: RepositoryRow): ForgeRepository {
  return { id: row.id, fullName: row.full_name, bareDir: row.bare_dir };
}

type People = Pick<
  ForgeStore,
  | "ensureAccount"
  | "account"
  | "accountNamed"
  | "teamExists"
  | "people"
  | "setPermission"
  | "permission"
  | "setTeamMember"
  | "teamMember"
>;

interface AccountRow {
  readonly id: string;
  readonly login: string;
  readonly permission: string;
}

export function forgePeople(database: Database): People {
  const db = database.statements;
  return {
    async ensureAccount({ id, login, permission, at }) {
      await sql`
        insert into forge_account (id, login, permission, created_at)
        values (${id}, ${login}, ${permission}, ${date(at)})
        on conflict (lower(login)) do nothing
      `.execute(db);
      const { rows } = await sql<AccountRow>`
        select id, login, permission from forge_account where lower(login) = lower(${login})
      `.execute(db);
      return rows.map(person)[0] ?? { id, login, permission };
    },
    async account(id) {
      const { rows } = await sql<AccountRow>`
        select id, login, permission from forge_account where id = ${id}
      `.execute(db);
      return rows.map(person)[0];
    },
    async accountNamed(login) {
      const { rows } = await sql<AccountRow>`
        select id, login, permission from forge_account where lower(login) = lower(${login})
      `.execute(db);
      return rows.map(person)[0];
    },
    async teamExists(team) {
      const { rows } = await sql`
        select from forge_team_member where team = ${team} limit 1
      `.execute(db);
      return rows.length > 0;
    },
    async people(repositoryId, max) {
      const { rows } = await sql<AccountRow>`
        select id, login, coalesce(own.permission, forge_account.permission) as permission
        from forge_account
        left join forge_permission own
          on own.account_id = forge_account.id and own.repository_id = ${repositoryId}
        order by lower(login) limit ${max}
      `.execute(db);
      return rows.map(person);
    },
    async setPermission(repositoryId, accountId, permission) {
      await sql`
        insert into forge_permission (repository_id, account_id, permission)
        values (${repositoryId}, ${accountId}, ${permission})
        on conflict (repository_id, account_id) do update set permission = excluded.permission
      `.execute(db);
    },
    async permission(repositoryId, accountId) {
      const { rows } = await sql<{ permission: string }>`
        select coalesce(own.permission, forge_account.permission) as permission
        from forge_account
        left join forge_permission own
          on own.account_id = forge_account.id and own.repository_id = ${repositoryId}
        where forge_account.id = ${accountId}
      `.execute(db);
      return rows[0]?.permission as Permission | undefined;
    },
    async setTeamMember(team, accountId, member) {
      const change = member
        ? sql`
            insert into forge_team_member (team, account_id) values (${team}, ${accountId})
            on conflict do nothing
          `
        : sql`delete from forge_team_member where team = ${team} and account_id = ${accountId}`;
      await change.execute(db);
    },
    async teamMember(team, accountId) {
      const { rows } = await sql`
        select from forge_team_member where team = ${team} and account_id = ${accountId}
      `.execute(db);
      return rows.length > 0;
    },
  };
}

function person(row: AccountRow): ForgeAccount {
  return {
    id: row.id as AccountId,
    login: row.login,
    permission: row.permission as Permission,
  };
}
