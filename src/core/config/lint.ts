import { isGlob, parseGlob } from "../change/glob.ts";
import { parseQuery } from "../query/parser.ts";
import type { Finding } from "./finding.ts";
import type { Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import { filePatternBody } from "./schema/helpers.ts";
import { UNSUPPORTED_KEYS } from "./schema/root.ts";
import type { RawWhenModified } from "./schema/when-modified.ts";
import type { RawStep } from "./schema/workflows.ts";

/** What is allowed and works, but probably not as its author thinks. */
export function lint(raw: RawConfig, findings: Finding[]): void {
  for (const key of UNSUPPORTED_KEYS) {
    if (raw[key] === undefined || raw[key] === null) continue;
    if (key === "access_control" && isEnabled(raw[key])) accessControl(findings);
    else unsupported(findings, [key]);
  }
  lintWhenModified(raw.when_modified, ["when_modified"], findings);
  for (const [key, dir] of Object.entries(raw.dirs ?? {})) {
    const path = ["dirs", key];
    if (isGlob(key)) lintGlob(key, path, findings, { atKey: true });
    lintWhenModified(dir?.when_modified, [...path, "when_modified"], findings);
    for (const kind of ["workspaces", "stacks"] as const) {
      for (const [name, workspace] of Object.entries(dir?.[kind] ?? {})) {
        const inner = [...path, kind, name, "when_modified"];
        lintWhenModified(workspace?.when_modified, inner, findings);
      }
    }
  }
  lintWorkflows(raw, findings);
  for (const [index, check] of (raw.apply_requirements?.checks ?? []).entries()) {
    lintQuery(check.tag_query, ["apply_requirements", "checks", index, "tag_query"], findings);
  }
}

function lintWorkflows(raw: RawConfig, findings: Finding[]): void {
  for (const [index, workflow] of (raw.workflows ?? []).entries()) {
    const path = ["workflows", index];
    lintQuery(workflow.tag_query, [...path, "tag_query"], findings);
    if (workflow.integrations !== undefined && workflow.integrations !== null) {
      unsupported(findings, [...path, "integrations"]);
    }
    for (const phase of ["plan", "apply"] as const) {
      for (const [at, step] of (workflow[phase] ?? []).entries()) {
        if (isUnsupportedStep(step)) unsupportedStep(findings, [...path, phase, at], step.type);
      }
    }
  }
}

function lintWhenModified(
  value: RawWhenModified | null | undefined,
  path: Path,
  findings: Finding[],
): void {
  for (const [index, pattern] of (value?.file_patterns ?? []).entries()) {
    const at = [...path, "file_patterns", index];
    lintGlob(filePatternBody(pattern), at, findings, { atKey: false });
  }
  const dependsOn = value?.depends_on;
  if (typeof dependsOn === "string") lintQuery(dependsOn, [...path, "depends_on"], findings);
  else if (dependsOn)
    lintQuery(dependsOn.tag_query, [...path, "depends_on", "tag_query"], findings);
}

function lintGlob(
  glob: string,
  path: Path,
  findings: Finding[],
  at: { readonly atKey: boolean },
): void {
  const parsed = parseGlob(glob);
  if (parsed.kind === "error") return;
  for (const message of parsed.warnings) {
    findings.push({ severity: "warning", code: "pattern", message, path, ...at });
  }
}

function lintQuery(query: string, path: Path, findings: Finding[]): void {
  const parsed = parseQuery(query);
  if (parsed.kind === "error") return;
  for (const { message } of parsed.warnings) {
    findings.push({ severity: "warning", code: "tag_query", message, path });
  }
}

const UNSUPPORTED_STEPS = ["oidc", "checkov", "conftest", "opa", "gates", "slack"] as const;

export type UnsupportedStepName = (typeof UNSUPPORTED_STEPS)[number];

export function isUnsupportedStep(
  step: RawStep,
): step is Extract<RawStep, { type: UnsupportedStepName }> {
  return UNSUPPORTED_STEPS.some((name) => name === step.type);
}

function unsupportedStep(findings: Finding[], path: Path, type: string): void {
  findings.push({
    severity: "warning",
    code: "unsupported",
    message: `a step of type \`${type}\` is not supported yet by this version; a run that comes to it fails`,
    path,
  });
}

function unsupported(findings: Finding[], path: Path): void {
  findings.push({
    severity: "warning",
    code: "unsupported",
    message: `\`${path.at(-1)}\` is not supported yet by this version and has no effect`,
    path,
    atKey: true,
  });
}

function isEnabled(section: unknown): boolean {
  return (
    typeof section === "object" &&
    section !== null &&
    "enabled" in section &&
    section.enabled === true
  );
}

/** Rules that somebody relies on are not passed over in silence: what cannot be enforced stops (fail closed). */
function accessControl(findings: Finding[]): void {
  findings.push({
    severity: "error",
    code: "unsupported",
    message:
      "`access_control` is enabled, and this version cannot enforce it; nothing is planned or applied under rules that would be passed over",
    path: ["access_control"],
    atKey: true,
  });
}
