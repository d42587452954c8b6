import type { Diagnostic } from "./diagnostic.ts";
import { type Location, readDocument } from "./document.ts";
import type { Finding } from "./finding.ts";
import { lint } from "./lint.ts";
import { lintStacks } from "./lint-stacks.ts";
import { normalise } from "./normalise.ts";
import type { Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import { configSchema } from "./schema/root.ts";
import { writtenPath } from "./written-path.ts";

interface ParseOptions {
  /** Other files are merged with this one, so that a name it does not explain may be explained there. */
  readonly part?: boolean;
}

export interface ParsedConfig {
  /** Absent where there are errors. */
  readonly raw?: RawConfig;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

export type LocatedConfig =
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: "parsed";
      readonly raw: RawConfig;
      readonly diagnostics: readonly Diagnostic[];
      /** Where the value at a path of `raw` was written. */
      readonly locate: (path: Path) => Location;
    };

/**
 * Reads one configuration file, as written: deprecated forms replaced, no defaults. Reports every
 * error at once, with line, column and what was probably meant; never throws, whatever the text.
 */
export function parseConfig(text: string, file: string): ParsedConfig {
  const located = locateConfig(text, file);
  const { diagnostics } = located;
  return located.kind === "refused" ? { diagnostics } : { raw: located.raw, diagnostics };
}

/** The same, and where each value stands. */
export function locateConfig(
  text: string,
  file: string,
  { part = false }: ParseOptions = {},
): LocatedConfig {
  const read = readDocument(text, file, configSchema, writtenPath);
  if (read.kind === "error") return { kind: "refused", diagnostics: read.diagnostics };
  const findings: Finding[] = [];
  const raw = normalise(read.value, findings);
  lint(raw, findings);
  if (!part) lintStacks(raw, findings);
  const diagnostics = read.place(findings);
  // Of the findings, not of the diagnostics: of these only so many are reported.
  if (findings.some((found) => found.severity === "error")) return { kind: "refused", diagnostics };
  return { kind: "parsed", raw, diagnostics, locate: read.locate };
}
