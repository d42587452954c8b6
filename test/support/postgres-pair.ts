import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Account, chooseAccount, giveTo } from "../../src/store/embedded/account.ts";
import { type Binaries, prepareBinaries } from "../../src/store/embedded/binaries.ts";
import {
  clusterDirectory,
  openDataDir,
  openToAccount,
  prepareCluster,
  SUPERUSER,
} from "../../src/store/embedded/cluster.ts";
import { freePort, LOOPBACK, startPostmaster } from "../../src/store/embedded/postmaster.ts";
import { quiet } from "./quiet.ts";

/** A primary and a streaming standby on this machine. */
export interface PostgresPair {
  /** Whose processes they are; programs beside them may run as the same. */
  readonly account: Account;
  readonly root: string;
  readonly password: string;
  readonly primary: { readonly port: number };
  readonly standby: { readonly port: number };
  /** Of the database that both have. */
  url(port: number): string;
  /** The standby hears nothing from here on: what is committed now is lost with the primary. */
  cutStandby(): Promise<void>;
  /** SIGKILL, as when the machine is gone. */
  killPrimary(): Promise<void>;
  promote(): Promise<void>;
  stop(): Promise<void>;
}

const NAME = "standby";
const PATIENCE_MS = 30_000;

/** `synchronous`: a commit is acknowledged when the standby has it on disk. */
export async function startPostgresPair(synchronous: boolean): Promise<PostgresPair> {
  const root = mkdtempSync(join(tmpdir(), "terrane-pair-"));
  chmodSync(root, 0o711);
  const dataDir = openDataDir(join(root, "primary"));
  const clusterDir = clusterDirectory(dataDir);
  const account = chooseAccount(clusterDir);
  openToAccount(account, dataDir);
  const binaries = prepareBinaries(account, dataDir);
  const { password } = await prepareCluster({ account, binaries, dataDir, throwaway: true });
  // Only processes die here, never the machine: what the kernel was given outlives them, and a slow disk keeps nobody waiting.
  appendFileSync(join(clusterDir, "postgresql.auto.conf"), "fsync = off\n");
  const primaryPort = await freePort();
  const primary = await start(account, binaries, clusterDir, primaryPort);
  const url = (port: number, database = SUPERUSER) =>
    `postgres://${SUPERUSER}:${password}@${LOOPBACK}:${port}/${database}`;
  await query(url(primaryPort, "postgres"), `create database ${SUPERUSER}`);

  const standbyDir = join(root, "standby");
  await copyCluster(url(primaryPort), clusterDir, standbyDir);
  const standbyPort = await freePort();
  const from = `host=${LOOPBACK} port=${primaryPort} user=${SUPERUSER} password=${password} application_name=${NAME}`;
  appendFileSync(join(standbyDir, "postgresql.auto.conf"), `primary_conninfo = '${from}'\n`);
  for (const file of ["standby.signal", "backup_label"]) giveTo(account, join(standbyDir, file));
  const standby = await start(account, binaries, standbyDir, standbyPort);
  await until(url(primaryPort), "select from pg_stat_replication where state = 'streaming'");
  if (synchronous) {
    await query(url(primaryPort), `alter system set synchronous_standby_names = '${NAME}'`);
    await query(url(primaryPort), "select pg_reload_conf()");
    await until(url(primaryPort), "select from pg_stat_replication where sync_state = 'sync'");
  }
  return {
    account,
    root,
    password,
    primary: { port: primaryPort },
    standby: { port: standbyPort },
    url,
    async cutStandby() {
      await query(url(standbyPort), "alter system set primary_conninfo = ''");
      await query(url(standbyPort), "select pg_reload_conf()");
      await until(url(standbyPort), "select where not exists (select from pg_stat_wal_receiver)");
    },
    async killPrimary() {
      process.kill(primary.pid, "SIGKILL");
      await primary.ended;
    },
    async promote() {
      await query(url(standbyPort), "select pg_promote()");
      await until(url(standbyPort), "select where not pg_is_in_recovery()");
    },
    async stop() {
      await standby.stop();
      await primary.stop();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function start(account: Account, binaries: Binaries, clusterDir: string, port: number) {
  return startPostmaster({
    account,
    program: binaries.postgres,
    clusterDir,
    port,
    throwaway: undefined,
    log: quiet,
  });
}

/** A base backup as a file copy: the programs at hand have no tool for it. */
async function copyCluster(url: string, from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_backup_start('pair', true)");
    execFileSync("cp", ["-a", from, to]);
    const { rows } = await client.query<{ labelfile: string }>(
      "select labelfile from pg_backup_stop(false)",
    );
    rmSync(join(to, "postmaster.pid"), { force: true });
    writeFileSync(join(to, "backup_label"), rows[0]?.labelfile ?? "");
    writeFileSync(join(to, "standby.signal"), "");
  } finally {
    await client.end();
  }
}

async function query(url: string, text: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

async function until(url: string, text: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while ((await query(url, text)) === 0) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass: ${text}`);
    await sleep(50);
  }
}
