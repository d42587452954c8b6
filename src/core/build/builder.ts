import type { Branches, Tree } from "../change/affected.ts";
import { preparedOnce } from "../change/prepared-once.ts";
import type { Builder } from "../config/config.ts";
import type { EffectiveConfig } from "../config/effective.ts";
import { configWithOrigins } from "../config/show.ts";
import { digestOf } from "../digest.ts";
import type { BuilderOrder, Preparation } from "../run/preparing.ts";

type Effective = Extract<EffectiveConfig, { kind: "ok" }>;

/** What is missing before it is known what a change touches, and what a job needs to find it out. */
export type Wanted =
  | { readonly what: Extract<Preparation, "index"> }
  | { readonly what: Extract<Preparation, `built_tree:${string}`>; readonly script: string }
  | {
      readonly what: Extract<Preparation, `built_config:${string}`>;
      readonly script: string;
      /** What its input is made of. */
      readonly effective: Effective;
      readonly tree: Tree;
      readonly branches: Branches;
    };

/** The script of a builder that is on; one without a script builds nothing. */
export function scriptOf({ enabled, script }: Builder): string | undefined {
  return enabled && script !== undefined && script.trim() !== "" ? script : undefined;
}

/** The branch counts as well, because what changed is seen from there. */
export function treeDigest(script: string, baseRef: string): string {
  return digestOf({ script, baseRef });
}

/** Of each configuration by what is beside it: it is long, and asked for with every event. */
const digests = new WeakMap<Effective, Map<string, string>>();

/**
 * Its input follows from the commit, the configuration without it, the list of files and the branches; the script can
 * read the latter as well.
 */
export function configDigest(
  effective: Effective,
  script: string,
  { branch, destBranch }: Branches,
  tree: string | undefined,
): string {
  const others = { script, branch, destBranch, tree };
  const beside = JSON.stringify(others);
  const known = digests.get(effective) ?? new Map<string, string>();
  digests.set(effective, known);
  const digest = known.get(beside) ?? digestOf({ ...others, config: effective.raw });
  known.set(beside, digest);
  return digest;
}

export function orderOf(wanted: Wanted): BuilderOrder | undefined {
  if (!("script" in wanted)) return undefined;
  const { script } = wanted;
  return "effective" in wanted ? { script, input: builderInput(wanted) } : { script };
}

/**
 * The configuration that holds without the builder, with its defaults. `dirs` names each directory of the tree that
 * something is planned in with what holds for it, because a script cannot match globs as we do.
 */
export function builderInput({
  effective,
  tree,
  branches,
}: Pick<Extract<Wanted, { effective: Effective }>, "effective" | "tree" | "branches">): string {
  const { config } = configWithOrigins(effective).json;
  return JSON.stringify({ ...(config as object), dirs: dirsOf(effective, tree, branches) });
}

function dirsOf(effective: Effective, tree: Tree, branches: Branches): object {
  const written = effective.raw.dirs ?? {};
  const prepared = preparedOnce(effective.config, tree, branches);
  // Dirspaces that cannot be ordered are told of once the builder has said its part: it may be what mends them.
  if (prepared.kind === "error") return written;
  const dirs = new Map<string, unknown>();
  for (const { dirspace, rule } of prepared.derived.dirspaces) {
    const key = rule.dirAt?.[1];
    dirs.set(dirspace.dir, (key === undefined ? undefined : written[key]) ?? {});
  }
  for (const [key, value] of Object.entries(written)) {
    if (!/[*?[{\\]/.test(key) && !dirs.has(key.replace(/\/+$/, ""))) dirs.set(key, value ?? {});
  }
  return Object.fromEntries(dirs);
}
