import { unreachable } from "../../base/unreachable.ts";
import type { Engine } from "./engine.ts";
import type { RawEngine } from "./schema/engine.ts";

export function completeEngine(raw: RawEngine | null | undefined): Engine | undefined {
  if (raw === undefined || raw === null) return undefined;
  switch (raw.name) {
    case "terraform":
    case "tofu":
      return { name: raw.name, ...given("version", raw.version), ...common(raw) };
    case "terragrunt":
    case "stategraph":
      return {
        name: raw.name,
        ...given("version", raw.version),
        tfCmd: raw.tf_cmd ?? "terraform",
        ...given("tfVersion", raw.tf_version),
        ...common(raw),
      };
    case "cdktf":
      return {
        name: "cdktf",
        tfCmd: raw.tf_cmd ?? "terraform",
        tfVersion: raw.tf_version ?? "latest",
        ...common(raw),
      };
    case "pulumi":
      return { name: "pulumi" };
    case "fly":
      return { name: "fly", configFile: raw.config_file };
    case "custom":
      return {
        name: "custom",
        ...given("init", raw.init),
        ...given("plan", raw.plan),
        ...given("diff", raw.diff),
        ...given("apply", raw.apply),
        ...given("unsafeApply", raw.unsafe_apply),
        ...given("outputs", raw.outputs),
      };
    default:
      return unreachable(raw);
  }
}

interface RawCommon {
  readonly override_tf_cmd?: string | null | undefined;
  readonly outputs?: { readonly collect?: boolean | null | undefined } | null | undefined;
}

function common(raw: RawCommon): { overrideTfCmd?: string; collectOutputs: boolean } {
  return {
    ...given("overrideTfCmd", raw.override_tf_cmd),
    collectOutputs: raw.outputs?.collect ?? true,
  };
}

/** The entry, or nothing where the file says nothing. */
export function given<Key extends string, Value>(
  key: Key,
  value: Value | null | undefined,
): { [K in Key]?: Value } {
  if (value === null || value === undefined) return {};
  return { [key]: value } as { [K in Key]?: Value };
}
