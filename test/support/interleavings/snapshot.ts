import pg from "pg";
import type { Catalogue } from "./footprint.ts";

/** Copies of all rows, and a quick way back to them. */
export interface Copies {
  take(): Promise<void>;
  /** Puts these tables back, or all of them, in one round trip. */
  restore(tables?: ReadonlySet<string>): Promise<void>;
}

const JOBS = "graphile_worker._private_jobs";

/**
 * Keeps copies of every row in a schema of that name. `take` may be called again; jobs are never kept: one that was
 * there before would hide that nobody woke.
 */
export async function openCopies(
  restorer: pg.Client,
  schema: string,
  { parents }: Catalogue,
): Promise<Copies> {
  const tables = [...parents.keys()];
  await restorer.query(`create schema ${schema}`);
  await restorer.query(
    tables.map((table) => `create table ${schema}.${table} (like public.${table})`).join("; "),
  );
  const back = tables.map(
    (table) => `if '${table}' = any (dirty) then
      delete from public.${table};
      insert into public.${table} overriding system value table ${schema}.${table};
    end if;`,
  );
  // A function, so that its statements are planned once.
  await restorer.query(
    `create function ${schema}.restore(dirty text[]) returns void language plpgsql as $$ begin
      ${back.join("\n")}
      if 'jobs' = any (dirty) then delete from ${JOBS}; end if;
    end $$`,
  );
  return {
    async take() {
      const copy = tables.map(
        (table) =>
          `delete from ${schema}.${table}; insert into ${schema}.${table} table public.${table}`,
      );
      await restorer.query(`delete from ${JOBS}; ${copy.join("; ")}`);
    },
    async restore(dirty = new Set([...tables, "jobs"])) {
      if (dirty.size === 0) return;
      await restorer.query(`select ${schema}.restore($1)`, [[...dirty]]);
    },
  };
}

/** Its connection checks neither foreign keys nor triggers, as a replica's does not, so the order of tables does not matter. */
export async function openRestorer(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("set session_replication_role = replica");
  return client;
}
