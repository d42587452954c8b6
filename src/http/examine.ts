import type { DiagnosticView } from "../contract/configuration.ts";
import { prepareRepository } from "../core/change/change-set.ts";
import type { Config } from "../core/config/config.ts";
import { effectiveConfig } from "../core/config/effective.ts";
import { parseConfig } from "../core/config/parse.ts";
import { configWithOrigins, type ShownConfig } from "../core/config/show.ts";
import type { ConfigFile } from "../core/fact.ts";
import { changeDiagnosticView, diagnosticView, unplaced } from "./view/configuration.ts";
import { reasonView } from "./view/words.ts";

/** What a configuration says, or why it says nothing. */
export interface Examined {
  /** Absent where there are errors. */
  readonly config: Config | undefined;
  /** The same for people, each value with its origin. */
  readonly shown: ShownConfig | undefined;
  readonly diagnostics: readonly DiagnosticView[];
}

/** The text of one file. */
export function examineText(text: string, file: string): Examined {
  const effective = effectiveConfig([{ layer: "repository", file, text }], "as_written");
  if (effective.kind === "error") {
    return {
      config: undefined,
      shown: undefined,
      // Those of a file with errors also name its warnings.
      diagnostics: parseConfig(text, file).diagnostics.map(diagnosticView),
    };
  }
  return {
    config: effective.config,
    shown: configWithOrigins(effective),
    diagnostics: effective.warnings.map(diagnosticView),
  };
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
    config: undefined,
    shown: undefined,
    diagnostics: [unplaced({ severity: "error", code, message }, about)],
  };
}

/** What only the files of the repository can tell, such as a circle of dependencies. */
export function examineTree(
  config: Config,
  files: readonly string[],
  branch: string,
  file: string,
): readonly DiagnosticView[] {
  const branches = { branch, destBranch: branch };
  const prepared = prepareRepository(config, { files }, branches);
  const found = prepared.kind === "ok" ? prepared.derived.diagnostics : prepared.diagnostics;
  return found.map((one) => changeDiagnosticView(one, file));
}
