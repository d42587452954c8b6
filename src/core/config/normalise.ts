import type { Finding } from "./finding.ts";
import type { Path } from "./places.ts";
import type { RawApplyRequirements, RawConfig, RawDrift, RawWorkflow } from "./raw.ts";
import type { ApplyRequirementsInput } from "./schema/apply-requirements.ts";
import { type DriftInput, OLD_DRIFT_KEYS } from "./schema/drift.ts";
import type { RawEngine } from "./schema/engine.ts";
import type { ConfigInput } from "./schema/root.ts";
import type { WorkflowInput } from "./schema/workflows.ts";

/** Replaces every deprecated form by what it stands for, and says so. */
export function normalise(input: ConfigInput, findings: Finding[]): RawConfig {
  const { default_tf_version: version, workflows, apply_requirements, drift, ...rest } = input;
  const engine = defaultEngine(version, rest.engine, findings);
  return {
    ...rest,
    ...(engine === undefined ? {} : { engine }),
    ...(workflows === undefined ? {} : { workflows: normaliseWorkflows(workflows, findings) }),
    ...(apply_requirements === undefined
      ? {}
      : { apply_requirements: normaliseRequirements(apply_requirements, findings) }),
    ...(drift === undefined ? {} : { drift: normaliseDrift(drift, findings) }),
  };
}

function defaultEngine(
  version: string | null | undefined,
  engine: RawEngine | null | undefined,
  findings: Finding[],
): RawEngine | null | undefined {
  if (version === undefined) return engine;
  const path = ["default_tf_version"];
  if (engine) ignored(findings, path);
  else deprecated(findings, path, "`engine.version` replaces it", "engine");
  return engine ?? (version === null ? undefined : { name: "terraform", version });
}

function normaliseWorkflows(
  workflows: readonly WorkflowInput[] | null,
  findings: Finding[],
): RawWorkflow[] | null {
  if (workflows === null) return null;
  return workflows.map((workflow, index) => {
    const { terraform_version: version, terragrunt, cdktf, ...rest } = workflow;
    for (const key of ["terraform_version", "terragrunt", "cdktf"] as const) {
      if (workflow[key] === undefined) continue;
      const path = ["workflows", index, key];
      if (rest.engine) ignored(findings, path);
      else deprecated(findings, path, "`engine` replaces it", "engine");
    }
    const engine = rest.engine ?? deprecatedEngine(version, terragrunt === true, cdktf === true);
    return engine === undefined ? rest : { ...rest, engine };
  });
}

function deprecatedEngine(
  version: string | null | undefined,
  terragrunt: boolean,
  cdktf: boolean,
): RawEngine | undefined {
  const tfVersion = version === undefined || version === null ? {} : { tf_version: version };
  if (terragrunt) return { name: "terragrunt", ...tfVersion };
  if (cdktf) return { name: "cdktf", ...tfVersion };
  if (version === undefined || version === null) return undefined;
  return { name: "terraform", version };
}

function normaliseRequirements(
  requirements: ApplyRequirementsInput | null,
  findings: Finding[],
): RawApplyRequirements | null {
  if (requirements === null) return null;
  const { checks, ...rest } = requirements;
  if (checks === undefined) return rest;
  if (checks === null || Array.isArray(checks)) return { ...rest, checks };
  const path = ["apply_requirements", "checks"];
  deprecated(findings, path, "a list of checks, each with a `tag_query`, replaces it", "checks");
  const { approved, ...others } = checks;
  if (approved === undefined || approved === null) {
    return { ...rest, checks: [{ tag_query: "", ...others }] };
  }
  const { count, ...kept } = approved;
  const anyOfCount = kept.any_of_count ?? count;
  return {
    ...rest,
    checks: [
      {
        tag_query: "",
        ...others,
        approved: anyOfCount === undefined ? kept : { ...kept, any_of_count: anyOfCount },
      },
    ],
  };
}

/** The older form is one schedule, and everything is meant where it has no query. */
function normaliseDrift(drift: DriftInput | null, findings: Finding[]): RawDrift | null {
  if (drift === null) return null;
  const { schedule, tag_query, reconcile, ...rest } = drift;
  for (const key of OLD_DRIFT_KEYS) {
    if (drift[key] === undefined) continue;
    deprecated(findings, ["drift", key], "`schedules` replaces it", "schedules");
  }
  if (schedule === undefined || schedule === null) return rest;
  const old = {
    schedule,
    tag_query: tag_query ?? "",
    ...(reconcile === undefined ? {} : { reconcile }),
  };
  return { ...rest, schedules: { default: old } };
}

function deprecated(findings: Finding[], path: Path, instead: string, suggestion: string): void {
  findings.push({
    severity: "warning",
    code: "deprecated",
    message: `\`${path.at(-1)}\` is deprecated: ${instead}`,
    path,
    atKey: true,
    suggestion,
  });
}

/** No suggestion: what replaces it is there already. */
function ignored(findings: Finding[], path: Path): void {
  findings.push({
    severity: "warning",
    code: "deprecated",
    message: `\`${path.at(-1)}\` is deprecated, and it is ignored because \`engine\` is there: delete it`,
    path,
    atKey: true,
  });
}
