import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Account, blockedAncestor, giveTo, mayEnter, spawnAs } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { EmbeddedError } from "./error.ts";
import { errorCode } from "./node-error.ts";

export const SUPERUSER = "terrane";

/** The environment of the database programs: nothing of ours, which may hold secrets. */
export const CHILD_ENVIRONMENT = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Where PostgreSQL's own files live, below the data directory that also holds our lock and password. */
export function clusterDirectory(dataDir: string): string {
  return join(dataDir, "cluster");
}

/** Creates the data directory if needed and returns its canonical path. */
export function openDataDir(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return realpathSync(dataDir);
  } catch (error) {
    throw new EmbeddedError(
      "data_dir_unusable",
      `The data directory ${dataDir} cannot be created (${errorCode(error) ?? String(error)}). ` +
        "Choose a directory that this server may write to, or set DATABASE_URL.",
      error,
    );
  }
}

/** Lets the account reach the data directory, or says which directory above it is closed. */
export function openToAccount(account: Account, dataDir: string): void {
  const blocked = blockedAncestor(account, dataDir);
  if (blocked !== undefined) {
    throw new EmbeddedError(
      "data_dir_unusable",
      `PostgreSQL runs as user ${account.name} here, because it refuses to run as root, and that user may not enter ${blocked}. ` +
        "Move the data directory (for example below /var/lib), or start Terrane as an ordinary user.",
    );
  }
  if (!account.switch || mayEnter(account, statSync(dataDir))) return;
  const foreign = readdirSync(dataDir).some((name) => !OUR_FILES.test(name));
  if (foreign) {
    throw new EmbeddedError(
      "data_dir_unusable",
      `User ${account.name}, under which PostgreSQL runs, may not enter ${dataDir}, which holds other files too. ` +
        "Choose an empty directory for the database.",
    );
  }
  giveTo(account, dataDir);
}

const OUR_FILES = /^(?:cluster|password|owner\.json|postgresql-)/;

/**
 * Makes the cluster on first use. It grows under another name and is renamed when it is whole, so a
 * crash half-way leaves nothing that looks like data.
 */
export async function prepareCluster(options: {
  readonly account: Account;
  readonly binaries: Binaries;
  readonly dataDir: string;
  readonly throwaway: boolean;
}): Promise<{ readonly password: string }> {
  const { account, binaries, dataDir } = options;
  const clusterDir = clusterDirectory(dataDir);
  const passwordFile = join(dataDir, "password");
  if (existsSync(join(clusterDir, "PG_VERSION"))) {
    checkVersion(clusterDir, binaries);
    return { password: readPassword(passwordFile) };
  }
  if (existsSync(clusterDir)) {
    throw new EmbeddedError(
      "data_dir_unusable",
      `${clusterDir} exists and holds no PostgreSQL data. Remove it or choose another data directory.`,
    );
  }
  const password = randomBytes(24).toString("base64url");
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: "wx" });
  giveTo(account, passwordFile);
  const growing = `${clusterDir}.partial`;
  rmSync(growing, { recursive: true, force: true });
  mkdirSync(growing, { mode: 0o700 });
  giveTo(account, growing);
  await runInitdb(account, binaries, [
    `--pgdata=${growing}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // The built-in locale sorts the same on every system; a C library's order changes with updates
    // and silently corrupts text indexes.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-locale",
    ...(options.throwaway ? ["--no-sync"] : []),
  ]);
  renameSync(growing, clusterDir);
  return { password };
}

function readPassword(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new EmbeddedError(
      "data_dir_unusable",
      `The database password in ${path} cannot be read (${errorCode(error) ?? String(error)}). ` +
        "Restore the file from your backup of the data directory; without it nobody can log in to the database.",
      error,
    );
  }
}

function checkVersion(clusterDir: string, binaries: Binaries): void {
  const found = readFileSync(join(clusterDir, "PG_VERSION"), "utf8").trim();
  if (found === binaries.major) return;
  throw new EmbeddedError(
    "data_dir_version",
    `${clusterDir} was written by PostgreSQL ${found}, and this Terrane brings PostgreSQL ${binaries.major}. ` +
      "Start the Terrane version that wrote it, dump the database with pg_dump, and restore the dump into a new data directory.",
  );
}

async function runInitdb(
  account: Account,
  binaries: Binaries,
  args: readonly string[],
): Promise<void> {
  const child = spawn(binaries.initdb, args, {
    ...spawnAs(account),
    cwd: "/",
    env: CHILD_ENVIRONMENT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-OUTPUT_CHARACTERS_MAX);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const end = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? "" : `exit ${code ?? signal}`));
  });
  if (end === "") return;
  throw new EmbeddedError(
    "init_failed",
    `The database could not be created (initdb: ${end}). ${output.trim()}\n` +
      "Check free disk space and the owner of the data directory, then start again.",
  );
}

const OUTPUT_CHARACTERS_MAX = 4_000;
