import { runMigrations } from "graphile-worker";
import { sql } from "kysely";
import type { Instant } from "../../../src/base/brand.ts";
import type { EventId } from "../../../src/core/ids.ts";
import { type Database, openDatabase } from "../../../src/store/pool.ts";
import { quiet } from "../quiet.ts";

/** A migrated database whose time and ids are given from outside, so that what it stores can be foreseen. */
export interface GivenDatabase {
  readonly database: Database;
  setClock(now: Instant): Promise<void>;
  /** Empties every table and starts every sequence anew. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** What the store gets when it draws an id for a delivery. How many it draws is its own business: rows get the next. */
export const DRAWN = "11111111-1111-4111-8111-111111111111" as EventId;

/** Found before `pg_catalog` by everything that names no schema, which is all that the store and the queue say. */
const GIVEN = `
  create schema if not exists given;
  create table given.clock (at timestamptz not null);
  insert into given.clock values (to_timestamp(0));
  create sequence given.ids;
  create sequence given.intake_ids;
  create function given.now() returns timestamptz stable language sql
    as $$ select at from given.clock $$;
  create function given.clock_timestamp() returns timestamptz stable language sql
    as $$ select at from given.clock $$;
  create function given.gen_random_uuid() returns uuid volatile language sql
    as $$ select md5('event#' || nextval('given.ids'))::uuid $$;
  create function given.pull_request_id() returns trigger language plpgsql as $$
    begin
      new.id := md5(new.repository_id || '#' || new.number)::uuid;
      return new;
    end $$;
  create function given.installation_id() returns trigger language plpgsql as $$
    begin
      new.id := md5(new.vcs || '|' || new.external_id)::uuid;
      return new;
    end $$;
  create trigger given_id before insert on installation
    for each row execute function given.installation_id();
  create function given.repository_id() returns trigger language plpgsql as $$
    begin
      new.id := md5((
        select vcs || '|' || external_id from installation where id = new.installation_id
      ) || '|' || new.external_id)::uuid;
      return new;
    end $$;
  create function given.intake_id() returns trigger language plpgsql as $$
    begin
      new.id := md5('intake#' || nextval('given.intake_ids'))::uuid;
      return new;
    end $$;
  create trigger given_id before insert on event for each row
    when (new.id = '${DRAWN}') execute function given.intake_id();
  create trigger given_id before insert on pull_request
    for each row execute function given.pull_request_id();
  create trigger given_id before insert on repository
    for each row execute function given.repository_id();
  do $$
  declare one record;
  begin
    for one in select table_name, column_name from information_schema.columns
      where table_schema = 'public' and column_default = 'now()'
    loop
      execute format('alter table %I alter %I set default given.now()', one.table_name, one.column_name);
    end loop;
    execute format('alter database %I set search_path = given, pg_catalog, public', current_database());
  end $$;
`;

const CLEAR = `
  do $$
  declare names text;
  begin
    select string_agg(format('%I.%I', schemaname, tablename), ', ') into names from pg_tables
    where (schemaname = 'public' and tablename not like 'forge_%' and tablename not in ('schema_migration', 'compatibility'))
      or (schemaname = 'graphile_worker' and tablename in ('_private_jobs', '_private_job_queues'));
    execute 'truncate ' || names || ' restart identity cascade';
    perform setval(format('%I.%I', schemaname, sequencename), 1, false) from pg_sequences
    where schemaname in ('public', 'given') and sequencename !~ '_id_seq$';
  end $$;
`;

export async function openGivenDatabase(url: string): Promise<GivenDatabase> {
  const before = openDatabase({ url, log: quiet });
  await runMigrations({ pgPool: before.pool });
  await before.pool.query(GIVEN);
  await before.close();
  const database = openDatabase({ url, log: quiet, connectionsMax: 3 });
  return {
    database,
    async setClock(now) {
      await sql`update given.clock set at = to_timestamp(${now}::double precision / 1000)`.execute(
        database.statements,
      );
    },
    async clear() {
      await database.pool.query(CLEAR);
    },
    close: () => database.close(),
  };
}
