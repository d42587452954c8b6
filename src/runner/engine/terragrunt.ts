import { createHash } from "node:crypto";
import type { WorkEngine } from "../../contract/engine.ts";
import type { StepFailed } from "./engine.ts";
import { type EnginePlace, type LocatedTool, locate, locateCommand, pathWith } from "./locate.ts";
import type { Opened } from "./open-engine.ts";
import { terraformEngine } from "./terraform/terraform.ts";

type Wanted = Extract<WorkEngine, { name: "terragrunt" }>;

/** From here on it passes on only the most common verbs by themselves. */
const RUN_PREFIX_SINCE = [0, 88] as const;

/** Terragrunt around terraform or tofu. What replaces the one leaves the other alone. */
export async function openTerragrunt(wanted: Wanted, place: EnginePlace): Promise<Opened> {
  const { command, version, collectOutputs } = wanted;
  const [wrapper, below] = await Promise.all([
    locate({ tool: "terragrunt", command, version }, place),
    locateBelow(wanted, place),
  ]);
  if (wrapper.kind === "failed") return wrapper;
  if (below.kind === "failed") return below;
  const said = await place.toolchain.version(wrapper.program, place.path);
  const engine = terraformEngine({
    program: wrapper.program,
    label: wrapper.label,
    terraform: below.program,
    environment: {
      ...pathWith(place.env, wrapper, below),
      // Both spellings: the older one was dropped by newer versions, the newer is unknown to older ones.
      TG_TF_PATH: below.program,
      TERRAGRUNT_TFPATH: below.program,
      TG_TF_FORWARD_STDOUT: "true",
      TERRAGRUNT_FORWARD_TF_STDOUT: "true",
      TG_NON_INTERACTIVE: "true",
      TERRAGRUNT_NON_INTERACTIVE: "true",
      TF_DATA_DIR: dataDir(place),
    },
    workspacePrefix: passesAllVerbs(said) ? [] : ["run", "--"],
    // Its own `remote_state` says where; an override file would win over what it generates.
    keepsState: false,
    selectsWorkspace: true,
    collectOutputs,
    folder: () => undefined,
  });
  return { kind: "open", engine };
}

/** The terraform below; `tf_cmd` may also name a command that is neither terraform nor tofu. */
export async function locateBelow(
  { tfCmd, tfVersion: version }: { readonly tfCmd: string; readonly tfVersion: string | null },
  place: EnginePlace,
): Promise<LocatedTool | StepFailed> {
  return tfCmd === "terraform" || tfCmd === "tofu"
    ? await locate({ tool: tfCmd, command: null, version }, place)
    : await locateCommand(tfCmd, place);
}

/**
 * Relative, so that it is another folder in every directory that terragrunt enters: outputs of a
 * dependency are read there, with that directory's backend. And of this unit alone, so that workspaces
 * of one directory, and units with a common dependency, run side by side.
 */
function dataDir(place: EnginePlace): string {
  const unit = `${place.path}\0${place.env["TERRANE_WORKSPACE"] ?? ""}`;
  return `.terraform-${createHash("sha256").update(unit).digest("hex").slice(0, 16)}`;
}

/** What says nothing readable is taken for a new one. */
function passesAllVerbs(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  const [sinceMajor, sinceMinor] = RUN_PREFIX_SINCE;
  if (version === undefined) return false;
  return major < sinceMajor || (major === sinceMajor && minor < sinceMinor);
}
