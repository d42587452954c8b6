import { nearest } from "../../base/nearest.ts";
import type { Config } from "../config/config.ts";
import type { Finding } from "../config/finding.ts";
import { formatPath, type Path } from "../config/places.ts";
import { formatNode } from "../query/format.ts";
import { leavesOf } from "../query/leaves.ts";
import { possibility } from "../query/possibility.ts";
import type { Node, Query } from "../query/query.ts";
import { buildCandidates } from "./candidates.ts";
import type { Derived } from "./derived.ts";
import { COMPARISONS_MAX, possibleTags } from "./possible-tags.ts";
import { looksOutwards } from "./requirements.ts";
import type { WorkspaceRule } from "./rules.ts";

/** More tags than that are not searched for what somebody probably meant. */
const TAGS_COMPARED_MAX = 2_000;

interface WrittenQuery {
  readonly path: Path;
  readonly query: Query;
  /** Entries of a list of which the first that matches counts: where the list stands. */
  readonly list?: Path;
  /** It is read from the directory of each dirspace that depends. */
  readonly relative?: boolean;
}

/** Queries that no dirspace of the repository can match, and entries that others always come before. */
export function unusedQueries(derived: Derived): readonly Finding[] {
  // Where there is nothing at all, nothing in particular is missing.
  if (derived.dirspaces.length === 0) return [];
  const queries = writtenQueries(derived.config);
  const shadowed = new Map(shadowedEntries(queries).map((found) => [found.path, found]));
  const unmatched = unmatchedQueries(
    derived,
    queries.filter(({ path }) => !shadowed.has(path)),
  );
  return [...shadowed.values(), ...unmatched];
}

function writtenQueries(config: Config): readonly WrittenQuery[] {
  const list = (path: Path, entries: readonly { readonly tagQuery: Query }[]): WrittenQuery[] =>
    entries.map(({ tagQuery }, index) => ({
      path: [...path, index, "tag_query"],
      query: tagQuery,
      list: path,
    }));
  const named = (path: Path, name: string, query: Query): WrittenQuery => ({
    path: [...path, name, "tag_query"],
    query,
  });
  const { whenModified, dirs, stacks, drift } = config;
  return [
    ...list(["workflows"], config.workflows),
    ...list(["access_control", "policies"], config.accessControl.policies),
    ...list(["apply_requirements", "checks"], config.applyRequirements.checks),
    ...list(["notifications", "policies"], config.notifications.policies),
    ...stacks.flatMap((stack) =>
      stack.kind === "leaf" ? [named(["stacks", "names"], stack.name, stack.tagQuery)] : [],
    ),
    ...drift.schedules.map(({ name, tagQuery }) => named(["drift", "schedules"], name, tagQuery)),
    ...dependsOn(["when_modified"], whenModified),
    ...dirs.flatMap((dir) => [
      ...dependsOn(["dirs", dir.key, "when_modified"], dir.whenModified),
      ...dir.workspaces.flatMap(({ name, tagKey, whenModified: own }) => {
        const kind = tagKey === "stack" ? "stacks" : "workspaces";
        return dependsOn(["dirs", dir.key, kind, name, "when_modified"], own);
      }),
    ]),
  ];
}

function dependsOn(
  path: Path,
  { dependsOn: value }: { readonly dependsOn?: { readonly query: Query } | null },
): readonly WrittenQuery[] {
  if (value === undefined || value === null) return [];
  return [{ path: [...path, "depends_on"], query: value.query, relative: true }];
}

function shadowedEntries(queries: readonly WrittenQuery[]): readonly Finding[] {
  const findings: Finding[] = [];
  const first = new Map<string, WrittenQuery>();
  for (const written of queries) {
    const { list, path, query } = written;
    if (list === undefined) continue;
    const key = (text: string): string => `${formatPath(list)}\n${text}`;
    const everything = first.get(key(""));
    const same = query.root === null ? undefined : first.get(key(formatNode(query.root)));
    const before = everything ?? same;
    if (before === undefined) {
      first.set(key(query.root === null ? "" : formatNode(query.root)), written);
      continue;
    }
    const name = formatPath(before.path.slice(0, -1));
    const why =
      before === everything
        ? `\`${name}\` comes first and has an empty query, which matches everything`
        : `\`${name}\` comes first and has the same query`;
    const message = `this entry is never used: ${why}; of such a list the first that matches counts`;
    findings.push({ severity: "warning", code: "never_matches", message, path });
  }
  return findings;
}

function unmatchedQueries(derived: Derived, queries: readonly WrittenQuery[]): readonly Finding[] {
  const { dirspaces } = derived;
  const tags = possibleTags(derived);
  const texts = queries.map(({ query }) => query);
  const candidates = buildCandidates(dirspaces, tags.of, texts, tags.maybe);
  const outwards = new Set(
    queries.filter((one) => one.relative === true && looksOutwards(one.query)),
  );
  const holders = outwards.size === 0 ? new Map<string, readonly string[]>() : holdersOf(derived);
  let comparisons = 0;
  const finds = (query: Query, root: Node, from: string): boolean => {
    const found = candidates.find(query, from);
    const possible = found === "all" ? dirspaces.keys() : found;
    for (const position of possible) {
      comparisons += 1;
      if (comparisons > COMPARISONS_MAX) return true;
      const dir = dirspaces[position]?.dirspace.dir ?? ".";
      if (possibility(root, dir, tags.certaintyAt(position), from).yes) return true;
    }
    return false;
  };
  const canMatch = (written: WrittenQuery): boolean => {
    const { query, path } = written;
    const { root } = query;
    if (root === null) return true;
    if (!outwards.has(written)) return finds(query, root, ".");
    // Each dirspace has one `depends_on`, so all of these together are asked once per dirspace.
    const dirs = holders.get(formatPath(path)) ?? [];
    return dirs.length === 0 || dirs.some((dir) => finds(query, root, dir));
  };
  const unmatched = queries.filter((written) => !canMatch(written));
  if (unmatched.length === 0) return [];
  const known = knownTags(derived, tags.maybe);
  return unmatched.map((written) => {
    const { path, query } = written;
    const [dir] = outwards.has(written) ? (holders.get(formatPath(path)) ?? []) : [];
    return dir === undefined
      ? unmatchedFinding(path, query, known)
      : leadsNowhere(path, query, dir);
  });
}

/** Which directories have a `depends_on`, by where it is written. */
function holdersOf({ dirspaces }: Derived): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<WorkspaceRule, string>();
  const holders = new Map<string, string[]>();
  for (const { dirspace, rule } of dirspaces) {
    const path = paths.get(rule) ?? formatPath(rule.writtenAt.dependsOn);
    paths.set(rule, path);
    const dirs = holders.get(path);
    if (dirs === undefined) holders.set(path, [dirspace.dir]);
    else if (dirs.at(-1) !== dirspace.dir) dirs.push(dirspace.dir);
  }
  return holders;
}

function leadsNowhere(path: Path, { text }: Query, dir: string): Finding {
  const message =
    `\`${text}\` leads to no directory that is planned, neither from \`${dir}\` nor from any ` +
    "other that has it";
  return { severity: "warning", code: "never_matches", message, path };
}

function knownTags({ dirspaces }: Derived, maybe: ReadonlySet<string>): ReadonlySet<string> {
  const known = new Set(maybe);
  for (const rule of new Set(dirspaces.map((one) => one.rule))) {
    known.add(`${rule.tagKey}:${rule.workspace}`);
    for (const tag of rule.tags) known.add(tag);
  }
  return known;
}

function unmatchedFinding(path: Path, query: Query, known: ReadonlySet<string>): Finding {
  const leaves = query.root === null ? [] : leavesOf(query.root);
  const missing = leaves.find(
    (leaf) => leaf.kind === "tag" && !leaf.tag.startsWith("dir:") && !known.has(leaf.tag),
  );
  const base = { severity: "warning", code: "never_matches", path } as const;
  const nothing = `no directory of this repository matches \`${query.text}\``;
  if (missing?.kind !== "tag") return { ...base, message: nothing };
  const suggestion =
    known.size > TAGS_COMPARED_MAX ? undefined : nearest(missing.tag, [...known].sort());
  const message = `${nothing}: none has the tag \`${missing.tag}\``;
  return { ...base, message, ...(suggestion === undefined ? {} : { suggestion }) };
}
