import type { Config } from "../config/config.ts";
import type { Affected, Branches, Change, ChangeDiagnostic, ChangeSet, Tree } from "./affected.ts";
import { type BecauseFacts, becauseOf } from "./because.ts";
import { codeDependencies } from "./code-dependencies.ts";
import { matchCode } from "./code-match.ts";
import { underAllNames } from "./code-paths.ts";
import { deletedDiagnostic, deletedDirspaces, emptied } from "./deleted.ts";
import { derive } from "./derive.ts";
import { type Derived, positionOf } from "./derived.ts";
import { tooCostly } from "./dir-keys.ts";
import { compareDirspaces, compareText, type Dirspace } from "./dirspace.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { changedPaths, matchFiles } from "./match.ts";
import { type AssignedStacks, assignStacks } from "./stack/assign-stacks.ts";
import { twinErrors, withoutTwins } from "./twins.ts";
import { type Placed, placeMembers, pullIn } from "./waves.ts";
import { type WorkflowResolver, workflowResolver } from "./workflow-of.ts";

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
  readonly stacks: AssignedStacks;
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
  const failed = (diagnostics: readonly ChangeDiagnostic[]) => {
    return { kind: "error", diagnostics: [...derived.diagnostics, ...diagnostics] } as const;
  };
  const assignment = assignStacks(derived);
  if (assignment.kind === "error") return failed(assignment.diagnostics);
  const stacks = assignment.assigned;
  const built = buildGraph(derived, stacks, codeDependencies(derived));
  if (built.kind === "error") return failed([built.diagnostic]);
  return { kind: "ok", derived, stacks, graph: built.graph };
}

export function changeSetOf(
  { derived, stacks, graph }: PreparedRepository,
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
  const resolve = workflowResolver(derived);
  const dirspacesAt = rememberLists(derived);
  const context = { derived, stacks, members, matched, used, placed, resolve, dirspacesAt };
  const kept = [...members.members].filter((position) => !members.pruned.has(position));
  const dirspaces = kept.flatMap((position) => affected(context, position));
  const twins = twinErrors(derived, kept);
  const problems = [...twins, ...resolve.problems()];
  if (problems.length > 0) {
    const before = withoutTwins(derived.diagnostics, twins);
    return { kind: "error", diagnostics: [...before, ...problems] };
  }
  return {
    kind: "ok",
    dirspaces: dirspaces.sort(
      (a, b) => a.wave - b.wave || compareDirspaces(a.dirspace, b.dirspace),
    ),
    diagnostics: [
      ...derived.diagnostics,
      ...deletedDirspaces(derived, paths, gone).map(deletedDiagnostic),
    ],
  };
}

interface Context extends BecauseFacts {
  readonly placed: ReadonlyMap<number, Placed>;
  readonly resolve: WorkflowResolver;
  readonly dirspacesAt: (positions: readonly number[]) => readonly Dirspace[];
}

function affected(context: Context, position: number): Affected[] {
  const { derived, stacks, placed } = context;
  const entry = derived.dirspaces[position];
  const place = placed.get(position);
  if (entry === undefined || place === undefined) return [];
  const { dirspace, rule } = entry;
  const tags = stacks.tagsOf(position);
  const stack = stacks.stackOf(position);
  return [
    {
      dirspace,
      tags: [...tags].sort(compareText),
      workflow: context.resolve.workflow({ tags, dir: dirspace.dir }, stack),
      autoplan: rule.whenModified.autoplan,
      autoplanDraft: rule.whenModified.autoplanDraftPr,
      autoapply: rule.whenModified.autoapply,
      createAndSelectWorkspace: rule.createAndSelectWorkspace,
      lockBranchTarget: rule.lockBranchTarget,
      because: becauseOf(context, position),
      predecessors: context.dirspacesAt(place.predecessors),
      wave: place.wave,
      stack,
    },
  ];
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
