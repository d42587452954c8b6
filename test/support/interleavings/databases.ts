import { randomBytes } from "node:crypto";
import { runMigrations } from "graphile-worker";
import pg from "pg";
import { migrate } from "../../../src/store/migrate.ts";
import { asAdmin, withDatabase } from "../admin.ts";
import type { TestDatabase } from "../database.ts";
import { quiet } from "../quiet.ts";

/** A migrated database without rows, and copies of it. */
export async function databases(adminUrl: string): Promise<() => Promise<TestDatabase>> {
  const template = `pairs_${randomBytes(6).toString("hex")}`;
  await asAdmin(adminUrl, `create database ${template} template template0`);
  const url = withDatabase(adminUrl, template);
  await migrate({ url, log: quiet });
  const pool = new pg.Pool({ connectionString: url });
  await runMigrations({ pgPool: pool });
  await pool.end();
  return async () => {
    const name = `pair_${randomBytes(6).toString("hex")}`;
    await asAdmin(adminUrl, `create database ${name} template ${template}`);
    return {
      url: withDatabase(adminUrl, name),
      drop: () => asAdmin(adminUrl, `drop database if exists ${name} with (force)`),
    };
  };
}
