import type { Finding } from "./finding.ts";
import type { Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";

/** Something of the language that this version reads, completes and checks, but does not carry out. */
interface Later {
  /** Where it is asked for; nowhere where it is switched off. */
  readonly find: (raw: RawConfig) => readonly Path[];
  readonly message: (path: Path) => string;
}

/** Whatever starts to be carried out loses its line here, and nothing else changes. */
const LATER: readonly Later[] = [
  { find: (raw) => when(raw.drift?.enabled, ["drift"]), message: noEffect },
  {
    find: (raw) => when(raw.integrations?.resourcely?.enabled, ["integrations"]),
    message: resourcelyFails,
  },
  { find: integrationsOfWorkflows, message: resourcelyFails },
];

export function lintUnsupported(raw: RawConfig, findings: Finding[]): void {
  for (const { find, message } of LATER) {
    for (const path of find(raw)) {
      findings.push({
        severity: "warning",
        code: "unsupported",
        message: message(path),
        path,
        atKey: true,
      });
    }
  }
}

function noEffect(path: Path): string {
  return `\`${path.at(-1)}\` is not supported yet by this version and has no effect`;
}

function when(active: boolean | null | undefined, path: Path): readonly Path[] {
  return active === true ? [path] : [];
}

function integrationsOfWorkflows(raw: RawConfig): readonly Path[] {
  return (raw.workflows ?? []).flatMap((workflow, index) =>
    when(workflow.integrations?.resourcely?.enabled, ["workflows", index, "integrations"]),
  );
}

/** Skipping a check in silence would let through what it was written to stop. */
function resourcelyFails(): string {
  return "`resourcely` is not supported by this version; a directory it is enabled for fails";
}
