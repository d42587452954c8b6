import type { Finding } from "./finding.ts";
import type { Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import { hooksOf, stepsOf } from "./raw-walk.ts";

/** Something of the language that this version reads, completes and checks, but does not carry out. */
interface Later {
  /** Where it is asked for; nowhere where it is switched off. */
  readonly find: (raw: RawConfig) => readonly Path[];
  readonly message: (path: Path) => string;
}

/** Whatever starts to be carried out loses its line here, and nothing else changes. */
const LATER: readonly Later[] = [
  { find: (raw) => when(raw.drift?.enabled, ["drift"]), message: noEffect },
  { find: (raw) => when(raw.config_builder?.enabled, ["config_builder"]), message: noEffect },
  { find: (raw) => when(raw.tree_builder?.enabled, ["tree_builder"]), message: noEffect },
  {
    find: (raw) => when(raw.integrations?.resourcely?.enabled, ["integrations"]),
    message: noEffect,
  },
  { find: integrationsOfWorkflows, message: noEffect },
  { find: (raw) => when(asksToNotify(raw), ["notifications"]), message: noEffect },
  { find: laterSteps, message: stepFails },
  {
    find: askingSteps,
    message: () =>
      "approvals that steps ask for are not supported yet by this version; a step that asks for one fails",
  },
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

function asksToNotify(raw: RawConfig): boolean {
  const strategies = (raw.notifications?.policies ?? []).map((one) => one.comment_strategy);
  return (
    strategies.some((strategy) => strategy === "append" || strategy === "delete") ||
    raw.notifications?.summary?.enabled === true
  );
}

const LATER_STEPS: ReadonlySet<string> = new Set(["oidc"]);

function laterSteps(raw: RawConfig): readonly Path[] {
  return [...stepsOf(raw), ...hooksOf(raw)]
    .filter(({ value }) => LATER_STEPS.has(value.type))
    .map(({ path }) => path);
}

/** Where a step asks people, by itself or when it fails. */
function askingSteps(raw: RawConfig): readonly Path[] {
  return [...stepsOf(raw), ...hooksOf(raw)].flatMap(({ value, path }) => {
    if (value.type === "gates") return [path];
    if (value.type === "run")
      return (value.on_error ?? []).length > 0 ? [[...path, "on_error"]] : [];
    const asks = "gate" in value && value.gate !== undefined && value.gate !== null;
    return asks ? [[...path, "gate"]] : [];
  });
}

/** Skipping a check in silence would let through what it was written to stop. */
function stepFails(): string {
  return "a step of this type is not supported yet by this version; a run that comes to it fails";
}
