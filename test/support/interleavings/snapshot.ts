import type pg from "pg";
import type { Parents } from "./footprint.ts";

/** Copies of all rows, and a quick way back to them. */
export interface Copies {
  take(): Promise<void>;
  /** Puts these tables back, or all of them, in one round trip. */
  restore(tables?: ReadonlySet<string>): Promise<void>;
}

const JOBS = "graphile_worker._private_jobs";

/** The tables of the database, and for each those that its foreign keys lead to. */
export async function readParents(client: pg.Client): Promise<Parents> {
  const { rows } = await client.query<{ name: string; parents: string[] }>(`
    select child.relname as name, array_remove(array_agg(distinct parent.relname::text), null) as parents
    from pg_class child
    join pg_namespace on pg_namespace.oid = child.relnamespace and nspname = 'public'
    left join pg_constraint on conrelid = child.oid and contype = 'f'
    left join pg_class parent on parent.oid = confrelid
    where child.relkind in ('r', 'p') and not child.relispartition
    group by child.relname`);
  return new Map(rows.map((row) => [row.name, row.parents]));
}

/**
 * Keeps copies of every row in a schema of that name. `take` may be called again; jobs are never kept: one that was
 * there before would hide that nobody woke.
 */
export async function openCopies(
  client: pg.Client,
  schema: string,
  parents: Parents,
): Promise<Copies> {
  const tables = [...parents.keys()];
  await client.query(`create schema ${schema}`);
  await client.query(
    tables.map((table) => `create table ${schema}.${table} (like public.${table})`).join("; "),
  );
  return {
    async take() {
      const copy = tables.map(
        (table) =>
          `delete from ${schema}.${table}; insert into ${schema}.${table} table public.${table}`,
      );
      await client.query(`delete from ${JOBS}; ${copy.join("; ")}`);
    },
    async restore(dirty = new Set([...tables, "jobs"])) {
      if (dirty.size === 0) return;
      const statements = [...dirty].map((table) =>
        table === "jobs"
          ? `delete from ${JOBS}`
          : `delete from public.${table}; insert into public.${table} overriding system value table ${schema}.${table}`,
      );
      // Replicas check neither foreign keys nor triggers, so the order does not matter.
      await client.query(
        `begin; set local session_replication_role = replica; ${statements.join("; ")}; commit`,
      );
    },
  };
}
