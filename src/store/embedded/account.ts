import { chownSync, readFileSync, type Stats, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { EmbeddedError } from "./error.ts";
import { unlessMissing } from "./node-error.ts";

/** The system account that PostgreSQL runs under. `switch` is set when we are root and change to it. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly switch: boolean;
}

/** PostgreSQL refuses to run as root. The names are tried in this order; `nobody` exists everywhere. */
const ACCOUNT_NAMES = ["terrane", "postgres", "nobody"];

/**
 * The account for a data directory: our own, or, when we are root, the owner of the existing data,
 * or a well-known unprivileged account. We never create one: changing a machine's user database is
 * the operator's decision.
 */
export function chooseAccount(clusterDir: string): Account {
  const uid = process.geteuid?.();
  const gid = process.getegid?.();
  if (uid === undefined || gid === undefined) {
    throw new EmbeddedError(
      "unsupported_platform",
      `The embedded database does not run on ${process.platform}. Set DATABASE_URL to a PostgreSQL server instead.`,
    );
  }
  const owner = unlessMissing(() => statSync(clusterDir));
  if (uid !== 0) return ownAccount(uid, gid, clusterDir, owner);
  const known = readAccounts();
  if (owner !== undefined && owner.uid !== 0) {
    const name = known.find((one) => one.uid === owner.uid)?.name;
    if (name !== undefined) return { uid: owner.uid, gid: owner.gid, name, switch: true };
  }
  for (const name of ACCOUNT_NAMES) {
    const found = known.find((one) => one.name === name && one.uid !== 0);
    if (found !== undefined) return found;
  }
  throw new EmbeddedError(
    "no_account",
    `PostgreSQL refuses to run as root, and this machine has none of the accounts ${ACCOUNT_NAMES.join(", ")}. ` +
      "Start Terrane as an ordinary user, create an account `terrane`, or set DATABASE_URL.",
  );
}

function ownAccount(
  uid: number,
  gid: number,
  clusterDir: string,
  owner: Stats | undefined,
): Account {
  if (owner !== undefined && owner.uid !== uid) {
    throw new EmbeddedError(
      "data_dir_unusable",
      `${clusterDir} belongs to user ${owner.uid}, and this server runs as user ${uid}. ` +
        "Start Terrane as the user it ran under before, or change the owner of the data directory.",
    );
  }
  return { uid, gid, name: accountName(uid), switch: false };
}

function accountName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    throw new EmbeddedError(
      "no_account",
      `User ${uid} has no name on this machine, and PostgreSQL needs one. ` +
        `Add an entry for ${uid} to /etc/passwd, or set DATABASE_URL.`,
    );
  }
}

function readAccounts(): readonly Account[] {
  const text = unlessMissing(() => readFileSync("/etc/passwd", "utf8")) ?? "";
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), switch: true }];
  });
}

/** The options that make a child run as the account. libuv drops our other groups with them. */
export function spawnAs(account: Account): { readonly uid?: number; readonly gid?: number } {
  return account.switch ? { uid: account.uid, gid: account.gid } : {};
}

export function giveTo(account: Account, path: string): void {
  if (account.switch) chownSync(path, account.uid, account.gid);
}

/**
 * The first directory on the way to `path` that the account may not enter, or undefined. Root's
 * home is the usual one: a data directory below it works for root and not for PostgreSQL.
 */
export function blockedAncestor(account: Account, path: string): string | undefined {
  if (!account.switch) return undefined;
  const above: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    above.unshift(at);
    if (at === dirname(at)) break;
  }
  return above.find((directory) => !mayEnter(account, statSync(directory)));
}

export function mayEnter(account: Account, directory: Stats): boolean {
  if (directory.uid === account.uid) return (directory.mode & 0o100) !== 0;
  if (directory.gid === account.gid) return (directory.mode & 0o010) !== 0;
  return (directory.mode & 0o001) !== 0;
}
