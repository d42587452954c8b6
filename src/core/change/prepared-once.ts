import type { Config } from "../config/config.ts";
import type { Branches, Tree } from "./affected.ts";
import { prepareRepository } from "./change-set.ts";

type Prepared = ReturnType<typeof prepareRepository>;

interface Kept {
  readonly index: Tree["index"];
  readonly branches: Branches;
  readonly prepared: Prepared;
}

/** Kept as long as somebody holds both; for each pair, of the branches that were asked for last. */
const kept = new WeakMap<Config, WeakMap<readonly string[], Kept>>();

/** The same as `prepareRepository`, made once for the same configuration, tree and branches. */
export function preparedOnce(config: Config, tree: Tree, branches: Branches): Prepared {
  const ofConfig = kept.get(config) ?? new WeakMap<readonly string[], Kept>();
  kept.set(config, ofConfig);
  const known = ofConfig.get(tree.files);
  if (
    known !== undefined &&
    known.index === tree.index &&
    known.branches.branch === branches.branch &&
    known.branches.destBranch === branches.destBranch
  ) {
    return known.prepared;
  }
  const prepared = prepareRepository(config, tree, branches);
  ofConfig.set(tree.files, { index: tree.index, branches, prepared });
  return prepared;
}
