import type {
  AffectedView,
  ChangedFilesView,
  DiagnosticView,
} from "../../contract/configuration.ts";
import type { Affected } from "../../core/change/affected.ts";
import { becauseText } from "../../core/change/because-text.ts";
import { dirspaceKey } from "../../core/change/dirspace.ts";
import type { PlacedFinding } from "../../core/change/place-findings.ts";
import type { Config } from "../../core/config/config.ts";
import type { FileChange } from "../../core/pull-request.ts";

const AFFECTED_SHOWN_MAX = 2_000;
const CHANGED_SHOWN_MAX = 5_000;

export function diagnosticView(found: PlacedFinding): DiagnosticView {
  const { severity, code, message, file, line, column, path, suggestion } = found;
  // What no file says, such as a default, has no line to go to.
  if (file === "") return unplaced(found, file);
  return {
    severity,
    code,
    message,
    file,
    line,
    column,
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** A finding that is about no line of the file; `about` says what it is about instead. */
export function unplaced(
  found: Pick<DiagnosticView, "severity" | "code" | "message">,
  about: string,
): DiagnosticView {
  const { severity, code, message } = found;
  return { severity, code, message, file: about, line: 0, column: 0, path: "" };
}

export function isFree(diagnostics: readonly DiagnosticView[]): boolean {
  return diagnostics.every(({ severity }) => severity !== "error");
}

export function affectedDirspaces(
  config: Config,
  dirspaces: readonly Affected[],
): AffectedView["dirspaces"] {
  return dirspaces.slice(0, AFFECTED_SHOWN_MAX).map((one) => ({
    dir: one.dirspace.dir,
    workspace: one.dirspace.workspace,
    wave: one.wave,
    tags: [...one.tags],
    workflow: workflowOf(config, one),
    autoplan: one.autoplan,
    because: one.because.map(becauseText),
    predecessors: one.predecessors.map(dirspaceKey),
  }));
}

function workflowOf(
  config: Config,
  { workflow }: Affected,
): AffectedView["dirspaces"][number]["workflow"] {
  const { index } = workflow;
  const entry = index === undefined ? undefined : config.workflows[index];
  return index === undefined || entry === undefined
    ? null
    : { index, tagQuery: entry.tagQuery.text };
}

/** In the form in which a list of changes is read. */
export function changedFilesView(changes: readonly FileChange[]): ChangedFilesView {
  const lines = changes.slice(0, CHANGED_SHOWN_MAX).map((change) => {
    switch (change.kind) {
      case "added":
        return `A\t${change.path}`;
      case "modified":
        return `M\t${change.path}`;
      case "deleted":
        return `D\t${change.path}`;
      case "renamed":
        return `R\t${change.from}\t${change.to}`;
    }
  });
  return { changed: lines.map((line) => `${line}\n`).join(""), total: changes.length };
}
