/**
 * What a statement touches, so that two orders of steps that cannot differ are run once. Tables are read whole; what is
 * written or locked is told apart by the pull request that it belongs to, where the statement's parameters name one.
 */
export interface Footprint {
  /** Tables whose committed rows it looks at. */
  readonly reads: ReadonlySet<string>;
  /** Rows that it locks or writes, until its transaction ends. */
  readonly locks: ReadonlySet<string>;
  /** Tables that it changes for all to see: the writes of its transaction, when this is where it ends. */
  readonly publishes: ReadonlySet<string>;
  /** Rows that it gives free. */
  readonly frees: ReadonlySet<string>;
}

export interface Touched {
  readonly reads: ReadonlySet<string>;
  readonly locks: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

/** A name that parameters may carry, and the pull request that it belongs to. */
export interface Owned {
  readonly needle: string;
  readonly owner: string;
}

/** What the database does besides what a statement says. */
export interface Catalogue {
  /** The tables, and for each those that its rows refer to: they are locked in passing. */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  /** The text of every function: who calls it does what it says. */
  readonly functions: ReadonlyMap<string, string>;
  /** By table, the functions that run when a row of it is written. */
  readonly triggers: ReadonlyMap<string, readonly string[]>;
}

/** Rows of these belong to nobody in particular. */
const SHARED: ReadonlySet<string> = new Set([
  "installation",
  "repository",
  "dirspace",
  "delivery",
  "commit_fact",
  "used_token",
]);

const ANY = "*";

export function touchedBy(
  statement: string,
  parameters: readonly unknown[],
  catalogue: Catalogue,
  owned: readonly Owned[],
): Touched {
  const { parents } = catalogue;
  const sql = withCalled(statement, catalogue);
  const named = tablesIn(sql, catalogue);
  const written = writtenBy(sql, named);
  const writes = new Set(written);
  // Only a new row looks whether what it refers to is there, and locks it for that.
  const referred = written
    .filter((table) => new RegExp(`insert into ${table}\\b`).test(sql))
    .flatMap((table) => parents.get(table) ?? []);
  const locked = new Set([...written, ...referred, ...lockedBy(sql, named)]);
  const owners = ownersIn(parameters, owned);
  const locks = new Set([...locked].flatMap((table) => rows(table, owners)));
  // The one index that tells the rows of different pull requests apart (S1).
  if (/update work set state\b/.test(sql)) locks.add(`work_one_apply:${ANY}`);
  for (const one of parameters) {
    if (typeof one === "string" && /^publish-\d+$/.test(one)) locks.add(`queue:${one}`);
  }
  if (sql.includes("graphile_worker.")) {
    writes.add("jobs");
    for (const row of rows("jobs", owners)) locks.add(row);
  }
  return { reads: new Set(named), locks, writes };
}

function tablesIn(sql: string, { parents }: Catalogue): readonly string[] {
  return [...parents.keys()].filter((table) => new RegExp(`\\b${table}\\b`).test(sql));
}

function writtenBy(sql: string, named: readonly string[]): readonly string[] {
  return named.filter((table) =>
    new RegExp(`(?:insert into|update|delete from) ${table}\\b`).test(sql),
  );
}

/** The statement with the text of all functions that it calls, that these call, and that run when rows are written. */
function withCalled(statement: string, catalogue: Catalogue): string {
  const called = new Set<string>();
  let sql = statement;
  for (;;) {
    const triggered = writtenBy(sql, tablesIn(sql, catalogue)).flatMap(
      (table) => catalogue.triggers.get(table) ?? [],
    );
    const news = [...catalogue.functions].filter(
      ([name]) =>
        !called.has(name) &&
        (triggered.includes(name) || new RegExp(`\\b${name}\\s*\\(`).test(sql)),
    );
    if (news.length === 0) return sql;
    for (const [name, body] of news) {
      called.add(name);
      sql += `;\n${body}`;
    }
  }
}

/** What `for update` and `for share` name, or all that is read where they name nothing we know. */
function lockedBy(sql: string, named: readonly string[]): readonly string[] {
  const clauses = [...sql.matchAll(/\bfor (?:no key )?(?:update|share)\b(?: of ([a-z_, ]+))?/g)];
  return clauses.flatMap(([, of]) => {
    const names = (of ?? "").split(",").map((name) => name.trim().split(" ")[0] ?? "");
    return names.every((name) => named.includes(name)) ? names : named;
  });
}

function rows(table: string, owners: readonly string[]): readonly string[] {
  if (SHARED.has(table) || owners.length === 0) return [`${table}:${ANY}`];
  return owners.map((owner) => `${table}:${owner}`);
}

function ownersIn(parameters: readonly unknown[], owned: readonly Owned[]): readonly string[] {
  const text = parameters.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
  const found = owned.filter(({ needle }) => text.some((one) => one?.includes(needle) === true));
  return [...new Set(found.map(({ owner }) => owner))];
}

/** Whether the order of two steps of different actors can matter. */
export function areDependent(a: Footprint, b: Footprint): boolean {
  return (
    rowsMeet(a.locks, b.locks) ||
    rowsMeet(a.locks, b.frees) ||
    rowsMeet(b.locks, a.frees) ||
    meet(a.reads, b.publishes) ||
    meet(b.reads, a.publishes)
  );
}

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const one of a) if (b.has(one)) return true;
  return false;
}

function rowsMeet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const one of a) {
    const [table = "", owner] = one.split(":");
    for (const other of b) {
      const [otherTable, otherOwner] = other.split(":");
      if (table !== otherTable) continue;
      if (owner === ANY || otherOwner === ANY || owner === otherOwner) return true;
    }
  }
  return false;
}
