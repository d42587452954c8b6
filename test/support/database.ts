import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { asAdmin, withDatabase } from "./admin.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly databaseServer: DatabaseServer;
  }
}

/** The PostgreSQL of this test run, started by `database-setup.ts`. */
export interface DatabaseServer {
  readonly adminUrl: string;
  readonly template: string;
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A migrated database of its own: a copy of the template, about 60 ms. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(inject("databaseServer").template);
}

/** A database with nothing in it, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create("template0");
}

async function create(template: string): Promise<TestDatabase> {
  const { adminUrl } = inject("databaseServer");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asAdmin(adminUrl, `create database ${name} template ${template}`);
  return {
    url: withDatabase(adminUrl, name),
    drop: () => asAdmin(adminUrl, `drop database if exists ${name} with (force)`),
  };
}
