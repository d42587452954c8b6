import { nearest } from "../../base/nearest.ts";
import type { Config } from "../config/config.ts";
import type { Finding } from "../config/finding.ts";
import { formatPath, type Path } from "../config/places.ts";
import { IMPLICIT_STACK } from "../config/stack.ts";
import { formatNode } from "../query/format.ts";
import { leavesOf } from "../query/leaves.ts";
import { type Certainty, possibility } from "../query/possibility.ts";
import type { Query } from "../query/query.ts";
import { dirspaceTags } from "./auto-tags.ts";
import { buildCandidates } from "./candidates.ts";
import type { Derived } from "./derived.ts";

/** Beyond this many questions a query that still found nothing is not accused: it is a second's work. */
const COMPARISONS_MAX = 3_000_000;
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
  const maybe = changingTags(derived.config);
  const tagsOf = (position: number): ReadonlySet<string> => {
    const entry = dirspaces[position];
    return entry === undefined ? new Set() : dirspaceTags(entry.dirspace, entry.rule, []);
  };
  const candidates = buildCandidates(
    dirspaces,
    tagsOf,
    queries.map(({ query }) => query),
    maybe,
  );
  let comparisons = 0;
  const canMatch = ({ query, relative }: WrittenQuery): boolean => {
    if (query.root === null) return true;
    const leaves = leavesOf(query.root);
    // Read from 100,000 directories it would have to be asked as often.
    if (relative === true && leaves.some(({ kind }) => kind === "relative_dir")) return true;
    const found = candidates.find(query, ".");
    const possible = found === "all" ? dirspaces.keys() : found;
    for (const position of possible) {
      comparisons += 1;
      if (comparisons > COMPARISONS_MAX) return true;
      const dir = dirspaces[position]?.dirspace.dir ?? ".";
      const tags = tagsOf(position);
      const certainty = (tag: string): Certainty =>
        tags.has(tag) ? "yes" : maybe.has(tag) ? "maybe" : "no";
      if (possibility(query.root, dir, certainty).yes) return true;
    }
    return false;
  };
  const unmatched = queries.filter((written) => !canMatch(written));
  if (unmatched.length === 0) return [];
  const known = knownTags(derived, maybe);
  return unmatched.map(({ path, query }) => unmatchedFinding(path, query, known));
}

/** Tags that differ between pull requests, or that stacks give: whoever names one may get it. */
function changingTags({ tags, stacks }: Config): ReadonlySet<string> {
  return new Set([
    ...Object.keys(tags.branch).map((name) => `branch:${name}`),
    ...Object.keys(tags.destBranch).map((name) => `dest_branch:${name}`),
    ...[IMPLICIT_STACK, ...stacks.map(({ name }) => name)].map((name) => `stack_name:${name}`),
  ]);
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
