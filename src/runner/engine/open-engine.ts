import { unreachable } from "../../base/unreachable.ts";
import type { WorkEngine } from "../../contract/engine.ts";
import { openCdktf } from "./cdktf.ts";
import { customEngine } from "./custom.ts";
import type { Engine, StepFailed } from "./engine.ts";
import { type EnginePlace, locate, pathWith } from "./locate.ts";
import { openPulumi } from "./pulumi.ts";
import { terraformEngine } from "./terraform/terraform.ts";
import { openTerragrunt } from "./terragrunt.ts";

export type Opened = { readonly kind: "open"; readonly engine: Engine } | StepFailed;

/** The engine of a unit, ready to be started: its programs are found and their versions are right. */
export async function openEngine(wanted: WorkEngine, place: EnginePlace): Promise<Opened> {
  switch (wanted.name) {
    case "terraform":
    case "tofu":
      return await openTerraform(wanted, place);
    case "terragrunt":
      return await openTerragrunt(wanted, place);
    case "cdktf":
      return await openCdktf(wanted, place);
    case "pulumi":
      return await openPulumi(place);
    case "custom":
      return { kind: "open", engine: customEngine(wanted) };
    default:
      return unreachable(wanted);
  }
}

async function openTerraform(
  wanted: Extract<WorkEngine, { name: "terraform" | "tofu" }>,
  place: EnginePlace,
): Promise<Opened> {
  const { name: tool, command, version, collectOutputs } = wanted;
  const located = await locate({ tool, command, version }, place);
  if (located.kind === "failed") return located;
  const engine = terraformEngine({
    program: located.program,
    label: located.label,
    terraform: located.program,
    environment: pathWith(place.env, located),
    workspacePrefix: [],
    keepsState: true,
    selectsWorkspace: true,
    collectOutputs,
    folder: () => undefined,
  });
  return { kind: "open", engine };
}
