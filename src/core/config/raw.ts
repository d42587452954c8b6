import type { ApplyRequirementsInput, RawApplyRequirement } from "./schema/apply-requirements.ts";
import type { DriftInput } from "./schema/drift.ts";
import type { ConfigInput } from "./schema/root.ts";
import type { WorkflowInput } from "./schema/workflows.ts";

/**
 * A configuration as written, in the shape of the file, without defaults: what files are merged in.
 * Deprecated keys are already replaced by what they stand for; old spellings inside of texts, such as
 * `repo:write`, stay. Absent means inherited, `null` means reset to the default.
 */
export type RawConfig = Omit<
  ConfigInput,
  "default_tf_version" | "workflows" | "apply_requirements" | "drift"
> & {
  workflows?: RawWorkflow[] | null | undefined;
  apply_requirements?: RawApplyRequirements | null | undefined;
  drift?: RawDrift | null | undefined;
};

export type RawWorkflow = Omit<WorkflowInput, "terraform_version" | "terragrunt" | "cdktf">;

export type RawApplyRequirements = Omit<ApplyRequirementsInput, "checks"> & {
  checks?: RawApplyRequirement[] | null | undefined;
};

export type RawDrift = Pick<DriftInput, "enabled" | "schedules">;
