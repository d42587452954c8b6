import type pg from "pg";
import type { Catalogue } from "./footprint.ts";

/** Reads tables, functions and triggers of our schema. */
export async function readCatalogue(client: pg.Client): Promise<Catalogue> {
  const tables = await client.query<{ name: string; parents: string[] }>(`
    select child.relname as name, array_remove(array_agg(distinct parent.relname::text), null) as parents
    from pg_class child
    join pg_namespace on pg_namespace.oid = child.relnamespace and nspname = 'public'
    left join pg_constraint on conrelid = child.oid and contype = 'f'
    left join pg_class parent on parent.oid = confrelid
    where child.relkind in ('r', 'p') and not child.relispartition
    group by child.relname`);
  const functions = await client.query<{ name: string; body: string }>(`
    select proname as name, prosrc as body from pg_proc where pronamespace = 'public'::regnamespace`);
  const triggers = await client.query<{ name: string; functions: string[] }>(`
    select relname as name, array_agg(distinct proname::text) as functions
    from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    join pg_proc on pg_proc.oid = tgfoid
    where pronamespace = 'public'::regnamespace and tgparentid = 0
    group by relname`);
  return {
    parents: new Map(tables.rows.map((row) => [row.name, row.parents])),
    functions: new Map(functions.rows.map((row) => [row.name, row.body])),
    triggers: new Map(triggers.rows.map((row) => [row.name, row.functions])),
  };
}
