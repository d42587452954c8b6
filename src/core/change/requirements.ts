import { leavesOf } from "../query/leaves.ts";
import { matches } from "../query/match.ts";
import type { Query } from "../query/query.ts";
import type { ChangeDiagnostic } from "./affected.ts";
import { buildCandidates } from "./candidates.ts";
import type { Derived } from "./derived.ts";
import { COMPARISONS_MAX } from "./stack/assign-stacks.ts";

/**
 * Each source has to do with each target: it comes after it, or is taken along by it. Dirspaces that
 * say the same share it, so that 100,000 that depend on the same hundred are 100,100 entries and not
 * ten million. Both are positions, or numbers from there on that stand for a stack. None is both a
 * source and a target: a dirspace never depends on itself.
 */
export interface Requirement {
  readonly sources: readonly number[];
  readonly targets: readonly number[];
  /** Order that counts only where the source's other requirements give none. */
  readonly fallback?: true;
}

export type Requirements =
  | { readonly kind: "ok"; readonly requirements: readonly Requirement[] }
  | { readonly kind: "error"; readonly diagnostic: ChangeDiagnostic }
  /** Two that match one another's query, by position. */
  | { readonly kind: "cycle"; readonly pair: readonly [number, number] };

interface Group {
  readonly query: Query;
  readonly workingDir: string;
  readonly sources: number[];
}

/** Every `depends_on` of the repository; it sees the `stack_name:` tags too. */
export function resolveRequirements(
  derived: Derived,
  askTags: (position: number) => ReadonlySet<string>,
): Requirements {
  const groups = groupByQuery(derived);
  if (groups.length === 0) return { kind: "ok", requirements: [] };
  const tagsOf = rememberTags(askTags);
  const candidates = buildCandidates(
    derived.dirspaces,
    tagsOf,
    new Set(groups.map(({ query }) => query)),
  );
  const everything = derived.dirspaces.map((_, position) => position);
  const requirements: Requirement[] = [];
  let comparisons = 0;
  for (const group of groups) {
    const found = candidates.find(group.query, group.workingDir);
    const possible = found === "all" ? everything : found;
    comparisons += possible.length;
    if (comparisons > COMPARISONS_MAX) return { kind: "error", diagnostic: tooWide(group.query) };
    const targets = possible.filter((position) => {
      const dir = derived.dirspaces[position]?.dirspace.dir ?? "";
      const subject = { tags: tagsOf(position), dir, workingDir: group.workingDir };
      return matches(group.query, subject);
    });
    const both = intersection(group.sources, targets);
    const [first, second] = both;
    if (first !== undefined && second !== undefined)
      return { kind: "cycle", pair: [first, second] };
    requirements.push(...withoutSelf(group.sources, targets, first));
  }
  return { kind: "ok", requirements };
}

/** The same dirspace is asked about by many queries. */
function rememberTags(
  ask: (position: number) => ReadonlySet<string>,
): (position: number) => ReadonlySet<string> {
  const known = new Map<number, ReadonlySet<string>>();
  return (position) => {
    const tags = known.get(position) ?? ask(position);
    known.set(position, tags);
    return tags;
  };
}

/** A query that looks from the dirspace outwards differs from directory to directory. */
function groupByQuery(derived: Derived): readonly Group[] {
  const groups = new Map<string, Group>();
  const relative = new Map<Query, boolean>();
  for (const [position, { dirspace, rule }] of derived.dirspaces.entries()) {
    const query = rule.whenModified.dependsOn?.query;
    if (query === undefined) continue;
    let isRelative = relative.get(query);
    if (isRelative === undefined) {
      isRelative = looksOutwards(query);
      relative.set(query, isRelative);
    }
    const key = isRelative ? `${dirspace.dir}\n${query.text}` : `\n${query.text}`;
    const group = groups.get(key);
    if (group !== undefined) group.sources.push(position);
    else groups.set(key, { query, workingDir: dirspace.dir, sources: [position] });
  }
  return [...groups.values()];
}

/** Whether a query means something else in each directory. */
export function looksOutwards(query: Query): boolean {
  return query.root !== null && leavesOf(query.root).some(({ kind }) => kind === "relative_dir");
}

function withoutSelf(
  sources: readonly number[],
  targets: readonly number[],
  self: number | undefined,
): Requirement[] {
  if (self === undefined) return targets.length === 0 ? [] : [{ sources, targets }];
  const others = {
    sources: sources.filter((position) => position !== self),
    targets,
  };
  const own = { sources: [self], targets: targets.filter((position) => position !== self) };
  return [others, own].filter((one) => one.sources.length > 0 && one.targets.length > 0);
}

function intersection(a: readonly number[], b: readonly number[]): readonly number[] {
  const set = new Set(a);
  return b.filter((position) => set.has(position));
}

function tooWide(query: Query): ChangeDiagnostic {
  const message =
    `The \`depends_on\` queries of this repository need more than ${COMPARISONS_MAX} comparisons; ` +
    `the last one read is \`${query.text}\`. Name what a dirspace depends on by a tag or a ` +
    "directory, and avoid `not`.";
  return { severity: "error", code: "depends_on_too_wide", message };
}
