import { defaultWorkflow } from "../config/complete-workflow.ts";
import type { Config } from "../config/config.ts";
import { IMPLICIT_STACK } from "../config/stack.ts";
import type {
  Affected,
  Because,
  Branches,
  Change,
  ChangeSet,
  ResolvedWorkflow,
  Tree,
} from "./affected.ts";
import { dirspaceTags } from "./auto-tags.ts";
import { becauseOfCode, type CodeMatches, matchCode } from "./code-match.ts";
import { underAllNames } from "./code-paths.ts";
import { deletedDiagnostic, deletedDirspaces, emptied } from "./deleted.ts";
import { derive } from "./derive.ts";
import { type Derived, type DerivedDirspace, positionOf } from "./derived.ts";
import { tooCostly } from "./dir-keys.ts";
import { compareDirspaces, compareText, type Dirspace } from "./dirspace.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { becauseOfFiles, changedPaths, type FileMatches, matchFiles } from "./match.ts";
import { type Members, type Placed, placeMembers, pullIn } from "./waves.ts";

/**
 * Which dirspaces a change touches, in which order, and why. `appliedBefore` are dirspaces that the
 * pull request applied earlier: they stay in its change set although the change no longer touches
 * them.
 */
export function changeSet(
  config: Config,
  tree: Tree,
  changes: readonly Change[],
  branches: Branches,
  appliedBefore: readonly Dirspace[] = [],
): ChangeSet {
  const prepared = prepareRepository(config, tree, branches);
  return prepared.kind === "error" ? prepared : changeSetOf(prepared, changes, appliedBefore);
}

/** What does not depend on the change; worth keeping where several changes are looked at. */
export interface PreparedRepository {
  readonly kind: "ok";
  readonly derived: Derived;
  readonly graph: Graph;
}

export function prepareRepository(
  config: Config,
  tree: Tree,
  branches: Branches,
): PreparedRepository | Extract<ChangeSet, { kind: "error" }> {
  const derived = derive(config, tree, branches);
  if (derived.diagnostics.some(({ severity }) => severity === "error")) {
    return { kind: "error", diagnostics: derived.diagnostics };
  }
  const built = buildGraph(derived);
  if (built.kind === "ok") return { kind: "ok", derived, graph: built.graph };
  return { kind: "error", diagnostics: [...derived.diagnostics, built.diagnostic] };
}

export function changeSetOf(
  { derived, graph }: PreparedRepository,
  changes: readonly Change[],
  appliedBefore: readonly Dirspace[] = [],
): ChangeSet {
  const named = underAllNames(derived, changedPaths(changes));
  if (named.kind === "error") {
    return { kind: "error", diagnostics: [...derived.diagnostics, named.diagnostic] };
  }
  const { paths, contents } = named;
  const found = matchFiles(derived, paths);
  if (derived.finder.fixed.set.exhausted) {
    return { kind: "error", diagnostics: [...derived.diagnostics, tooCostly("`file_patterns`")] };
  }
  const gone = emptied(derived, found);
  const matched = new Map([...found].filter(([position]) => !gone.has(position)));
  const used = matchCode(derived, contents);
  const touched = [...matched.keys(), ...[...used.keys()].filter((one) => !gone.has(one))];
  const forced = positionsOf(derived, appliedBefore).filter((position) => !gone.has(position));
  const members = pullIn(
    graph,
    [...touched, ...forced],
    gone,
    (position) =>
      derived.dirspaces[position]?.rule.whenModified.dependsOn?.pruneOnNoChange === true,
  );
  const placed = placeMembers(graph, members);
  const context = { derived, members, matched, used, placed, dirspacesAt: rememberLists(derived) };
  const kept = [...members.members].filter((position) => !members.pruned.has(position));
  return {
    kind: "ok",
    dirspaces: kept
      .flatMap((position) => affected(context, position))
      .sort((a, b) => a.wave - b.wave || compareDirspaces(a.dirspace, b.dirspace)),
    diagnostics: [
      ...derived.diagnostics,
      ...deletedDirspaces(derived, paths, gone).map(deletedDiagnostic),
    ],
  };
}

interface Context {
  readonly derived: Derived;
  readonly members: Members;
  readonly matched: FileMatches;
  readonly used: CodeMatches;
  readonly placed: ReadonlyMap<number, Placed>;
  readonly dirspacesAt: (positions: readonly number[]) => readonly Dirspace[];
}

function affected(context: Context, position: number): Affected[] {
  const { derived, placed } = context;
  const entry = derived.dirspaces[position];
  const place = placed.get(position);
  if (entry === undefined || place === undefined) return [];
  const { dirspace, rule } = entry;
  const tags = dirspaceTags(dirspace, rule, derived.branchTags);
  return [
    {
      dirspace,
      tags: [...tags].sort(compareText),
      workflow: resolveWorkflow(derived, entry, tags),
      autoplan: rule.whenModified.autoplan,
      autoplanDraft: rule.whenModified.autoplanDraftPr,
      autoapply: rule.whenModified.autoapply,
      createAndSelectWorkspace: rule.createAndSelectWorkspace,
      lockBranchTarget: rule.lockBranchTarget,
      because: because(context, position, entry),
      predecessors: context.dirspacesAt(place.predecessors),
      wave: place.wave,
      stack: { name: IMPLICIT_STACK, applyAfter: [], variables: {} },
    },
  ];
}

/** The first workflow whose query matches, else the built-in one. */
function resolveWorkflow(
  { config, workflows }: Derived,
  { dirspace }: DerivedDirspace,
  tags: ReadonlySet<string>,
): ResolvedWorkflow {
  const subject = { tags, dir: dirspace.dir };
  const index = workflows.first(subject);
  const workflow = config.workflows[index];
  if (workflow === undefined) return defaultWorkflow(config.engine, config.integrations);
  const { tagQuery: _, ...settings } = workflow;
  return { index, ...settings };
}

function because(context: Context, position: number, entry: DerivedDirspace): readonly Because[] {
  const { members, matched, used } = context;
  const paths = matched.get(position);
  const ways = used.get(position);
  if (paths !== undefined || ways !== undefined) {
    return [...becauseOfFiles(entry, paths ?? []), ...becauseOfCode(entry, ways ?? [])];
  }
  let from = members.pulledBy.get(position);
  if (from === undefined) return [{ kind: "applied_before" }];
  // A pruned dirspace is not shown, so it cannot be the reason either.
  while (members.pruned.has(from)) {
    const before = members.pulledBy.get(from);
    if (before === undefined) break;
    from = before;
  }
  return context.dirspacesAt([from]).map((dirspace) => ({ kind: "predecessor", dirspace }));
}

function positionsOf(derived: Derived, dirspaces: readonly Dirspace[]): readonly number[] {
  return dirspaces.flatMap((dirspace) => positionOf(derived.dirspaces, dirspace) ?? []);
}

/** Dirspaces that wait for the same ones share the list, which can be long. */
function rememberLists(derived: Derived): Context["dirspacesAt"] {
  const known = new Map<readonly number[], readonly Dirspace[]>();
  return (positions) => {
    const before = known.get(positions);
    if (before !== undefined) return before;
    const list = positions.flatMap((position) => derived.dirspaces[position]?.dirspace ?? []);
    known.set(positions, list);
    return list;
  };
}
