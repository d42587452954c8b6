import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Account, giveTo, spawnAs } from "../../src/store/embedded/account.ts";
import { SUPERUSER } from "../../src/store/embedded/cluster.ts";
import { freePort, LOOPBACK } from "../../src/store/embedded/postmaster.ts";

/** PgBouncer in transaction mode, in front of one database that may move. */
export interface PgBouncer {
  readonly url: string;
  /** From here on the database is behind this port; connections to the one before are closed. */
  pointTo(port: number): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** Distributions put it where only administrators look. */
const PROGRAM = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
  .map((dir) => join(dir, "pgbouncer"))
  .find((path) => existsSync(path));

export const HAS_PGBOUNCER: boolean = PROGRAM !== undefined;
if (!HAS_PGBOUNCER) process.stderr.write("Tests are left out: there is no pgbouncer.\n");

const START_MS_MAX = 20_000;
/** Fewer than the servers have connections of their own, so that every one of them is handed on. */
const POOL_SIZE = 8;

export async function startPgBouncer(options: {
  /** It refuses to run as root, as PostgreSQL does. */
  readonly account: Account;
  readonly dir: string;
  readonly password: string;
  readonly database: string;
  readonly port: number;
}): Promise<PgBouncer> {
  const { account, dir, password, database } = options;
  const port = await freePort();
  const [ini, users] = [join(dir, "pgbouncer.ini"), join(dir, "pgbouncer-users.txt")];
  const write = (path: string, text: string): void => {
    writeFileSync(path, text, { mode: 0o600 });
    giveTo(account, path);
  };
  const configure = (target: number) =>
    write(ini, settings({ users, port, line: `${database} = host=${LOOPBACK} port=${target}` }));
  write(users, `"${SUPERUSER}" "${password}"\n`);
  configure(options.port);
  const child = spawn(PROGRAM ?? "pgbouncer", [ini], {
    ...spawnAs(account),
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("exit", () => resolve());
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const url = (name: string) => `postgres://${SUPERUSER}:${password}@${LOOPBACK}:${port}/${name}`;
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  const admin = (command: string) => administer(url("pgbouncer"), command);
  const deadline = performance.now() + START_MS_MAX;
  while (!(await admin("show version").then(Boolean, () => false))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`PgBouncer did not start:\n${log}`);
    }
    await sleep(50);
  }
  return {
    url: url(database),
    async pointTo(target) {
      configure(target);
      await admin("reload");
    },
    log: () => log,
    stop,
  };
}

/** Everything that is not named keeps its default: that is what operators have. */
function settings(given: {
  readonly users: string;
  readonly port: number;
  readonly line: string;
}): string {
  return `[databases]
${given.line}

[pgbouncer]
listen_addr = ${LOOPBACK}
listen_port = ${given.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${given.users}
admin_users = ${SUPERUSER}
pool_mode = transaction
max_client_conn = 200
default_pool_size = ${POOL_SIZE}
server_login_retry = 1
`;
}

/** The console understands plain statements only. */
async function administer(url: string, command: string): Promise<true> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(command);
    return true;
  } finally {
    await client.end();
  }
}
