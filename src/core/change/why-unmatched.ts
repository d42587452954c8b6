import type { PreparedRepository } from "./change-set.ts";
import { type DerivedDirspace, patternsOf, positionOf } from "./derived.ts";
import { dirname } from "./directories.ts";
import { type Dirspace, ROOT_DIR } from "./dirspace.ts";
import { patternMatches } from "./file-pattern.ts";
import { escapeGlob } from "./glob.ts";
import { type ChangedPath, matchFiles } from "./match.ts";
import type { Requirement } from "./requirements.ts";
import type { Looked, WhyReason } from "./why.ts";

/** Files that came close are named up to this many. */
const MISSES_MAX = 5;

/** Why a dirspace that exists is not affected. */
export function whyUnmatched(
  looked: Looked,
  paths: readonly ChangedPath[],
  position: number,
): readonly WhyReason[] {
  const { derived } = looked.prepared;
  const entry = derived.dirspaces[position];
  if (entry === undefined) return [];
  const { dirspace } = entry;
  if (matchFiles(derived, paths).has(position)) return [{ kind: "deleted", dirspace }];
  const patterns = patternsOf(entry).map(({ text }) => text);
  const unmatched: WhyReason = { kind: "unmatched", dirspace, patterns, changed: paths.length };
  const excluded = paths.flatMap(({ path }) => excludedBy(entry, path) ?? []);
  const out = new Set(excluded.map(({ path }) => path));
  const near = paths.filter(({ path }) => !out.has(path) && isBelow(path, dirspace.dir));
  const misses = [
    ...excluded,
    ...near.slice(0, MISSES_MAX).map((one) => missOf(looked, entry, one)),
  ];
  const pruned = prunedBy(looked, position);
  if (pruned !== undefined) {
    return [{ kind: "pruned", dirspace, by: pruned }, unmatched, ...misses.slice(0, MISSES_MAX)];
  }
  return [unmatched, ...misses.slice(0, MISSES_MAX), ...waitsFor(looked.prepared, position)];
}

/** What belongs to another workspace, or to what lies below, is not missed. */
function missOf(
  { prepared }: Looked,
  { dirspace }: DerivedDirspace,
  changed: ChangedPath,
): WhyReason {
  const { derived } = prepared;
  const dirspaces = [...matchFiles(derived, [changed]).keys()].flatMap(
    (position) => derived.dirspaces[position]?.dirspace ?? [],
  );
  const { path } = changed;
  return dirspaces.length > 0 ? { kind: "file_of", path, dirspaces } : nearMiss(dirspace, path);
}

/** The pattern that takes a file and the one that takes it out again, where that is so. */
export function excludedBy(
  entry: DerivedDirspace,
  path: string,
): Extract<WhyReason, { kind: "excluded" }> | undefined {
  const matching = patternsOf(entry).filter((pattern) => patternMatches(pattern, path));
  const pattern = matching.find(({ negative }) => !negative);
  const by = matching.find(({ negative }) => negative);
  if (pattern === undefined || by === undefined) return undefined;
  const { dirspace } = entry;
  return { kind: "excluded", dirspace, path, pattern: pattern.text, by: by.text };
}

/** A pattern that would match the file and what is called like it. */
export function nearMiss(dirspace: Dirspace, path: string): WhyReason {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  const like = dot > 0 ? `*${escapeGlob(name.slice(dot))}` : escapeGlob(name);
  const deeper = dirname(path) === dirspace.dir ? "" : "**/";
  return { kind: "near_miss", dirspace, path, pattern: `\${DIR}/${deeper}${like}` };
}

function isBelow(path: string, dir: string): boolean {
  return dir === ROOT_DIR ? dirname(path) === dir : path.startsWith(`${dir}/`);
}

/** What took it along, where `prune_on_no_change` is what leaves it out again. */
function prunedBy({ prepared, affected }: Looked, position: number): Dirspace | undefined {
  const { derived, graph } = prepared;
  const entry = derived.dirspaces[position];
  if (entry?.rule.whenModified.dependsOn?.pruneOnNoChange !== true) return undefined;
  const origins = new Map<number, Dirspace>();
  for (const { dirspace } of affected) {
    const start = positionOf(derived.dirspaces, dirspace);
    if (start !== undefined) origins.set(start, dirspace);
  }
  const done = new Set<Requirement>();
  // A map iterates over what is added meanwhile. Others that were pruned, and stacks, lead on.
  for (const [node, origin] of origins) {
    for (const requirement of graph.takesAlong.get(node) ?? []) {
      if (done.has(requirement)) continue;
      done.add(requirement);
      for (const source of requirement.sources) {
        if (source === position) return origin;
        if (!origins.has(source)) origins.set(source, origin);
      }
    }
  }
  return undefined;
}

/** What it comes after by itself, and not by its stack. */
function directly({ derived, graph }: PreparedRepository, position: number): readonly number[] {
  const targets = (graph.comesAfter.get(position) ?? []).flatMap((one) => one.targets);
  return targets.filter((target) => target < derived.dirspaces.length);
}

function waitsFor(prepared: PreparedRepository, position: number): readonly WhyReason[] {
  const { derived } = prepared;
  const entry = derived.dirspaces[position];
  const query = entry?.rule.whenModified.dependsOn?.query.text;
  if (entry === undefined || query === undefined) return [];
  const count = new Set(directly(prepared, position)).size;
  return [{ kind: "waits_for_unchanged", dirspace: entry.dirspace, query, count }];
}
