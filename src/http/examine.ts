import type { DiagnosticView } from "../contract/configuration.ts";
import type { Affected, Branches, Change } from "../core/change/affected.ts";
import { applyChanges } from "../core/change/apply-changes.ts";
import { changeSet } from "../core/change/change-set.ts";
import { findingsInTree, placed } from "../core/change/place-findings.ts";
import { type EffectiveConfig, effectiveConfig } from "../core/config/effective.ts";
import { parseConfig } from "../core/config/parse.ts";
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

/** The text of one file. */
export function examineText(text: string, file: string): Examined {
  const effective = effectiveConfig([{ layer: "repository", file, text }], "as_written");
  if (effective.kind === "error") {
    return {
      ready: undefined,
      // Those of a file with errors also name its warnings.
      diagnostics: parseConfig(text, file).diagnostics.map(diagnosticView),
    };
  }
  return { ready: effective, diagnostics: effective.warnings.map(diagnosticView) };
}

/** What the repository holds, as pull requests would find it. */
export function examineFile(file: ConfigFile): Examined {
  switch (file.kind) {
    case "none":
      return examineText("", "");
    case "found":
      return examineText(file.text, file.path);
    case "ambiguous": {
      const { cause } = reasonView({ code: "config_ambiguous", paths: file.paths });
      const [about = ""] = file.paths;
      return refused("merge", cause, about);
    }
    case "unreadable":
      return refused("too_large", file.message, file.path);
  }
}

function refused(code: string, message: string, about: string): Examined {
  return {
    ready: undefined,
    diagnostics: [unplaced({ severity: "error", code, message }, about)],
  };
}

/** What only the files of the repository can tell, such as a circle of dependencies. */
export function examineTree(ready: Ready, files: readonly string[]): readonly DiagnosticView[] {
  return findingsInTree(ready, { files }).map(diagnosticView);
}

/** Which dirspaces a change touches, made on top of these files. */
export function examineChange(
  ready: Ready,
  files: readonly string[],
  changes: readonly Change[],
  branches: Branches,
): { readonly dirspaces: readonly Affected[]; readonly diagnostics: readonly DiagnosticView[] } {
  const { config } = ready;
  const after = applyChanges(files, changes);
  const set = changeSet(config, { files: after }, changes, branches);
  const diagnostics = set.diagnostics.map((one) => diagnosticView(placed(one, ready, after)));
  if (set.kind === "ok" && config.enabled) return { dirspaces: set.dirspaces, diagnostics };
  return {
    dirspaces: [],
    diagnostics: config.enabled ? diagnostics : [off(ready), ...diagnostics],
  };
}

function off({ origins }: Ready): DiagnosticView {
  const { file, line, column } = origins.near(["enabled"]) ?? { file: "", line: 0, column: 0 };
  const message = "`enabled: false`, so nothing is affected by any change";
  return { severity: "warning", code: "disabled", message, file, line, column, path: "enabled" };
}
