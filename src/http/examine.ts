import type { DiagnosticView } from "../contract/configuration.ts";
import { scriptOf } from "../core/build/builder.ts";
import type { Affected, Branches, Change, Tree } from "../core/change/affected.ts";
import { applyChanges } from "../core/change/apply-changes.ts";
import { changeSet } from "../core/change/change-set.ts";
import { findingsInTree, placed } from "../core/change/place-findings.ts";
import type { Diagnostic } from "../core/config/diagnostic.ts";
import { type EffectiveConfig, effectiveConfig } from "../core/config/effective.ts";
import { parseConfig } from "../core/config/parse.ts";
import { formatPath, type Path } from "../core/config/places.ts";
import type { CentralRead } from "../core/configured.ts";
import type { ConfigFile } from "../core/fact.ts";
import { diagnosticView, unplaced } from "./view/configuration.ts";
import { reasonView } from "./view/words.ts";

type Ready = Extract<EffectiveConfig, { kind: "ok" }>;

/** What a configuration says, or why it says nothing. */
export interface Examined {
  /** Absent where there are errors. */
  readonly ready: Ready | undefined;
  readonly diagnostics: readonly DiagnosticView[];
}

const NO_CENTRAL: CentralRead = { kind: "read", sources: [] };

/** The text of one file, under what the owner's central repository says. */
export function examineText(
  text: string,
  file: string,
  central: CentralRead = NO_CENTRAL,
): Examined {
  if (central.kind === "refused") return refused("central", reasonView(central.reason).cause, "");
  const sources = [...central.sources, { source: "repository", file, text } as const];
  const effective = effectiveConfig(sources, "as_written");
  const own = parseConfig(text, file).diagnostics;
  if (effective.kind === "error") {
    const { diagnostics } = effective;
    // Those of the page's own file come in its order, with its warnings.
    const others = own.some(isError) ? diagnostics.filter((one) => one.file !== file) : diagnostics;
    const warnings = own.some(isError) ? own : own.filter((one) => !isError(one));
    return { ready: undefined, diagnostics: [...warnings, ...others].map(diagnosticView) };
  }
  const stand = standIn(central);
  const diagnostics = effective.warnings.map(diagnosticView);
  if (stand === undefined || file === "") return { ready: effective, diagnostics };
  const message = `\`${stand}\` stands in for this file, so nothing that it says counts`;
  const vain = unplaced({ severity: "warning", code: "replaced", message }, file);
  return { ready: effective, diagnostics: [vain, ...diagnostics] };
}

/** What the repository holds, as pull requests would find it. */
export function examineFile(file: ConfigFile, central: CentralRead): Examined {
  switch (file.kind) {
    case "none":
      return examineText("", "", central);
    case "found":
      return examineText(file.text, file.path, central);
    case "ambiguous": {
      const [about = ""] = file.paths;
      // It does not matter then what they are.
      if (standIn(central) !== undefined) return examineText("", about, central);
      const { cause } = reasonView({ code: "config_ambiguous", paths: file.paths });
      return refused("merge", cause, about);
    }
    case "unreadable":
      if (standIn(central) !== undefined) return examineText("", file.path, central);
      return refused("too_large", file.message, file.path);
  }
}

/** The file of the central repository that counts instead of the repository's own. */
function standIn(central: CentralRead): string | undefined {
  if (central.kind === "refused") return undefined;
  return central.sources.find(({ source }) => source === "central_config")?.file;
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

function refused(code: string, message: string, about: string): Examined {
  return {
    ready: undefined,
    diagnostics: [unplaced({ severity: "error", code, message }, about)],
  };
}

/** What only the files of the repository can tell, such as a circle of dependencies. */
export function examineTree(ready: Ready, tree: Tree): readonly DiagnosticView[] {
  return findingsInTree(ready, tree).map(diagnosticView);
}

/** Which dirspaces a change touches, made on top of these files. */
export function examineChange(
  ready: Ready,
  tree: Tree,
  changes: readonly Change[],
  branches: Branches,
): { readonly dirspaces: readonly Affected[]; readonly diagnostics: readonly DiagnosticView[] } {
  const { config } = ready;
  const files = applyChanges(tree.files, changes);
  const set = changeSet(config, { ...tree, files }, changes, branches);
  const found = set.diagnostics.map((one) => diagnosticView(placed(one, ready, files)));
  if (!config.enabled) return { dirspaces: [], diagnostics: [off(ready), ...found] };
  const isUnread = config.indexer.enabled && tree.index === undefined;
  const diagnostics = [...notBuilt(ready), ...(isUnread ? [unread(ready)] : []), ...found];
  return { dirspaces: set.kind === "ok" ? set.dirspaces : [], diagnostics };
}

function off(ready: Ready): DiagnosticView {
  const message = "`enabled: false`, so nothing is affected by any change";
  return warningAt(ready, ["enabled"], { code: "disabled", message });
}

/** Jobs read the heads of pull requests and nothing else, so this is usual on a default branch. */
function unread(ready: Ready): DiagnosticView {
  const message =
    "modules and links of this commit are not read yet; what is touched only through them is not named here. " +
    "A job reads the head of each pull request, so take the files of one";
  return warningAt(ready, ["indexer", "enabled"], { code: "code_not_read", message });
}

/** Jobs run the scripts for pull requests; what is tried here counts without them. */
function notBuilt(ready: Ready): readonly DiagnosticView[] {
  const { treeBuilder, configBuilder } = ready.config;
  const message = (made: string) =>
    `${made} is made by a script in the CI job of a pull request; what is said here counts without it`;
  return [
    ...(scriptOf(treeBuilder) === undefined
      ? []
      : [
          warningAt(ready, ["tree_builder", "enabled"], {
            code: "tree_not_built",
            message: message("the list of files"),
          }),
        ]),
    ...(scriptOf(configBuilder) === undefined
      ? []
      : [
          warningAt(ready, ["config_builder", "enabled"], {
            code: "config_not_built",
            message: message("a part of the configuration"),
          }),
        ]),
  ];
}

function warningAt(
  { origins }: Ready,
  path: Path,
  found: { readonly code: string; readonly message: string },
): DiagnosticView {
  const { file, line, column } = origins.near(path) ?? { file: "", line: 0, column: 0 };
  return { severity: "warning", ...found, file, line, column, path: formatPath(path) };
}
