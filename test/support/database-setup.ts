import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { migrate } from "../../src/store/migrate.ts";
import { asAdmin, withDatabase } from "./admin.ts";
import type { DatabaseServer } from "./database.ts";
import { startThrowawayServer } from "./database-server.ts";
import { quiet } from "./quiet.ts";

/** Vitest loads this file once per project; one run needs one server. */
interface Shared {
  users: number;
  starting: Promise<{ readonly server: DatabaseServer; stop(): Promise<void> }>;
}
const KEY = Symbol.for("terrane.test.database");
const registry: typeof globalThis & { [KEY]?: Shared | undefined } = globalThis;

/** Starts PostgreSQL for the run and migrates the template that each test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  registry[KEY] ??= { users: 0, starting: start() };
  const shared = registry[KEY];
  shared.users += 1;
  const { server, stop } = await shared.starting;
  project.provide("databaseServer", server);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    registry[KEY] = undefined;
    await stop();
  };
}

async function start(): Promise<{ readonly server: DatabaseServer; stop(): Promise<void> }> {
  const throwaway = await startThrowawayServer();
  const template = `template_${randomBytes(8).toString("hex")}`;
  await asAdmin(throwaway.adminUrl, `create database ${template} template template0`);
  await migrate({ url: withDatabase(throwaway.adminUrl, template), log: quiet });
  return {
    server: { adminUrl: throwaway.adminUrl, template },
    async stop() {
      await asAdmin(throwaway.adminUrl, `drop database if exists ${template} with (force)`);
      await throwaway.stop();
    },
  };
}
