import { builderInput, scriptOf } from "../../core/build/builder.ts";
import { type BuiltTree, changesOf, filesOf } from "../../core/build/built-tree.ts";
import type { Branches } from "../../core/change/affected.ts";
import type { Config } from "../../core/config/config.ts";
import { effectiveConfig } from "../../core/config/effective.ts";
import { BUILT_FILE } from "../../core/config/source.ts";
import type { LocalBuilders, LocallyBuilt } from "../local/local-builders.ts";
import type { Compared } from "./compared.ts";
import { aboutFile, type Shown } from "./shown.ts";
import type { FoundConfig } from "./sources.ts";

export interface Built {
  readonly found: FoundConfig;
  readonly compared: Compared;
  readonly diagnostics: readonly Shown[];
}

/** What the builders of a configuration make of it, where they may run; else a word that they did not. */
export async function throughBuilders(
  found: FoundConfig,
  compared: Compared,
  branches: Branches,
  builders: LocalBuilders | undefined,
): Promise<Built> {
  const { effective } = found;
  if (effective.kind === "error") return { found, compared, diagnostics: [] };
  if (builders === undefined) {
    return { found, compared, diagnostics: notRun(effective.config, found) };
  }
  const { treeBuilder, configBuilder } = effective.config;
  let seen = compared;
  const listing = scriptOf(treeBuilder);
  if (listing !== undefined) {
    const built = await builders.tree(listing, compared.from);
    if (built.kind === "failed") return failed("tree_builder", built, { found, compared });
    seen = withTree(compared, built.value);
  }
  const script = scriptOf(configBuilder);
  if (script === undefined) return { found, compared: seen, diagnostics: [] };
  const tree = { files: seen.tree };
  const built = await builders.config(script, builderInput({ effective, tree, branches }));
  if (built.kind === "failed") return failed("config_builder", built, { found, compared: seen });
  const sources = [
    ...found.sources,
    { source: "built", file: BUILT_FILE, text: built.value } as const,
  ];
  const next = { ...found, sources, effective: effectiveConfig(sources, found.mode) };
  return { found: next, compared: seen, diagnostics: [] };
}

/** Scripts are run where somebody works on the checkout, and not where somebody only looks. */
export function notRun(
  { treeBuilder, configBuilder }: Config,
  found: FoundConfig,
): readonly Shown[] {
  const about = (code: string, message: string) => aboutFile("warning", code, message, "");
  const given = found.sources.some(({ source }) => source === "built");
  return [
    ...(scriptOf(treeBuilder) === undefined
      ? []
      : [
          about(
            "tree_not_built",
            "`tree_builder` is enabled, and its script is not run here: the files and changes are those of git. `terrane plan --local` runs it",
          ),
        ]),
    ...(scriptOf(configBuilder) === undefined || given
      ? []
      : [
          about(
            "config_not_built",
            "`config_builder` is enabled, and its script is not run here: what it prints is left out. `terrane plan --local` runs it, and --built FILE gives what it printed",
          ),
        ]),
  ];
}

function failed(
  name: string,
  { message }: Extract<LocallyBuilt<unknown>, { kind: "failed" }>,
  so: Omit<Built, "diagnostics">,
): Built {
  return { ...so, diagnostics: [aboutFile("error", "not_built", `\`${name}\`: ${message}`, "")] };
}

function withTree(compared: Compared, built: BuiltTree): Compared {
  return { ...compared, tree: filesOf(built), changes: changesOf(built, compared.changes) };
}
