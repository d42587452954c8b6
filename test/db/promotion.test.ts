import { runMigrations } from "graphile-worker";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import { migrate } from "../../src/store/migrate.ts";
import { engineLab, type LabSession } from "../support/engine-lab.ts";
import { type PostgresPair, startPostgresPair } from "../support/postgres-pair.ts";
import { quiet } from "../support/quiet.ts";

const UNIT = "net:default" as DirspaceKey;
const FILES = ["net/main.tf"];

let pair: PostgresPair;

beforeEach(async () => {
  pair = await startPostgresPair(false);
  const url = pair.url(pair.primary.port);
  await migrate({ url, log: quiet });
  const pool = new pg.Pool({ connectionString: url });
  pool.on("error", () => undefined);
  await runMigrations({ pgPool: pool });
  await pool.end();
});

afterEach(() => pair.stop());

test("S1 S2 S3 a grant that was lost with the primary is not given a second time", async () => {
  const old = await engineLab({
    url: pair.url(pair.primary.port),
    drop: () => Promise.resolve(),
  });
  old.vcs.files = FILES;
  await old.engine.tick();
  await old.open(1, FILES);
  await old.plans(await old.claim());
  await old.say(1, "bob", "terrane apply");
  const session: LabSession = await old.claim();
  const digest = session.run.units[0]?.plan?.digest ?? "";
  await caughtUp();

  // An asynchronous standby misses the last commits, and one of them is the grant.
  await pair.cutStandby();
  const lost = await old.engine.runner.grant(session, UNIT, digest);
  expect(lost).toMatchObject({ kind: "granted", fence: 1 });
  await pair.killPrimary();
  await old.close();
  await pair.promote();

  const next = await engineLab({ url: pair.url(pair.standby.port), drop: () => Promise.resolve() });
  next.vcs.files = FILES;
  for (const [number, view] of old.vcs.views) next.vcs.views.set(number, view);
  for (const [number, files] of old.vcs.changed) next.vcs.changed.set(number, files);
  // Nobody has looked yet, and still nothing is granted: the transaction itself sees the new timeline.
  expect(await next.engine.runner.grant(session, UNIT, digest)).toMatchObject({
    code: "QUARANTINE",
  });
  await next.engine.tick();
  expect(next.engine.quarantine()?.because).toMatch(/timeline 1 became .*timeline 2/);
  // The job that holds the lost grant is unknown to the rows; its end is proof.
  await next.database.pool.query("update cluster set quarantined_until = now()");
  await next.engine.tick();
  expect(next.engine.quarantine()).toBeDefined();
  await next.engine.runner.finish(session, {
    failure: { message: "the database forgot its grant" },
  });
  await next.drain();
  await next.engine.tick();
  expect(next.engine.quarantine()).toBeUndefined();
  const { rows } = await next.database.pool.query("select last_fence::text as fence from dirspace");
  expect(rows).toEqual([{ fence: String(2 ** 32) }]);
  await next.close();
});

async function caughtUp(): Promise<void> {
  const client = new pg.Client({ connectionString: pair.url(pair.primary.port) });
  await client.connect();
  const isThere = async () => {
    const { rows } = await client.query<{ there: boolean }>(
      "select replay_lsn = pg_current_wal_lsn() as there from pg_stat_replication",
    );
    return rows[0]?.there;
  };
  await expect.poll(isThere, { timeout: 20_000 }).toBe(true);
  await client.end();
}
