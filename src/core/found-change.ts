import type { Affected, Branches, ChangeDiagnostic, Tree } from "./change/affected.ts";
import { changeSetOf, type PreparedRepository } from "./change/change-set.ts";
import { preparedOnce } from "./change/prepared-once.ts";
import type { Diagnostic } from "./config/diagnostic.ts";
import type { EffectiveConfig } from "./config/effective.ts";
import type { FileChange } from "./pull-request.ts";
import { repositoryWarnings, touchesConfig } from "./repository-warnings.ts";
import { withRules } from "./rule/rules-of-affected.ts";

type Effective = Extract<EffectiveConfig, { kind: "ok" }>;

/** What a change comes to under a configuration. */
export type FoundChange =
  | {
      readonly kind: "ok";
      readonly repository: PreparedRepository;
      readonly affected: readonly Affected[];
      readonly deletedDirs: readonly string[];
      /** What the configuration says in vain, for whoever changes it. */
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly kind: "error"; readonly diagnostics: readonly ChangeDiagnostic[] };

interface Kept {
  readonly tree: Tree;
  readonly branches: Branches;
  readonly found: FoundChange;
}

/** Kept as long as somebody holds both; for each pair, of the tree and the branches that were asked for last. */
const kept = new WeakMap<Effective, WeakMap<readonly FileChange[], Kept>>();

/** One decision asks several times, before and after it holds its rows, and always gets the same answer. */
export function foundChange(
  effective: Effective,
  tree: Tree,
  changes: readonly FileChange[],
  branches: Branches,
): FoundChange {
  const ofConfig = kept.get(effective) ?? new WeakMap<readonly FileChange[], Kept>();
  kept.set(effective, ofConfig);
  const known = ofConfig.get(changes);
  if (known !== undefined && isSame(known, tree, branches)) return known.found;
  const found = findChange(effective, tree, changes, branches);
  ofConfig.set(changes, { tree, branches, found });
  return found;
}

function isSame(known: Kept, tree: Tree, { branch, destBranch }: Branches): boolean {
  return (
    known.tree.files === tree.files &&
    known.tree.index === tree.index &&
    known.branches.branch === branch &&
    known.branches.destBranch === destBranch
  );
}

function findChange(
  effective: Effective,
  tree: Tree,
  changes: readonly FileChange[],
  branches: Branches,
): FoundChange {
  const repository = preparedOnce(effective.config, tree, branches);
  if (repository.kind === "error") return repository;
  const set = changeSetOf(repository, changes);
  if (set.kind === "error") return set;
  const { derived } = repository;
  return {
    kind: "ok",
    repository,
    affected: set.dirspaces.map((one) => withRules(one, derived, effective)),
    deletedDirs: set.diagnostics.flatMap((one) =>
      one.code === "deleted_directory" ? [one.dirspace.dir as string] : [],
    ),
    warnings: touchesConfig(changes) ? repositoryWarnings(effective, derived) : [],
  };
}
