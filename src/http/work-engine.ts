import { unreachable } from "../base/unreachable.ts";
import type { WorkEngine } from "../contract/engine.ts";
import type { Command, Engine } from "../core/config/engine.ts";

export interface MappedEngine {
  readonly engine: WorkEngine;
  /** Why the runner cannot work with it. */
  readonly unsupported: string | undefined;
}

/** Shown to nobody: a unit with it is refused before anything looks at it. */
const NO_ENGINE: WorkEngine = {
  name: "terraform",
  version: null,
  command: null,
  collectOutputs: false,
};

/** The engine of a dirspace, in the runner's words. */
export function workEngine(engine: Engine): MappedEngine {
  switch (engine.name) {
    case "stategraph":
    case "fly":
      return {
        engine: NO_ENGINE,
        unsupported: `The engine ${engine.name} is configured, and this version's runner does not know it. Configure terraform, tofu, terragrunt, cdktf or pulumi for this directory, or a custom engine with its commands.`,
      };
    default:
      return { engine: known(engine), unsupported: undefined };
  }
}

function known(engine: Exclude<Engine, { name: "stategraph" | "fly" }>): WorkEngine {
  switch (engine.name) {
    case "terraform":
    case "tofu":
      return {
        name: engine.name,
        version: engine.version ?? null,
        command: engine.overrideTfCmd ?? null,
        collectOutputs: engine.collectOutputs,
      };
    case "terragrunt":
      return {
        name: engine.name,
        version: engine.version ?? null,
        command: engine.overrideTfCmd ?? null,
        tfCmd: engine.tfCmd,
        tfVersion: engine.tfVersion ?? null,
        collectOutputs: engine.collectOutputs,
      };
    case "cdktf":
      return {
        name: engine.name,
        command: engine.overrideTfCmd ?? null,
        tfCmd: engine.tfCmd,
        tfVersion: engine.tfVersion,
        collectOutputs: engine.collectOutputs,
      };
    case "pulumi":
      return { name: "pulumi" };
    case "custom":
      return {
        name: "custom",
        init: command(engine.init),
        plan: command(engine.plan),
        diff: command(engine.diff),
        apply: command(engine.apply),
        unsafeApply: command(engine.unsafeApply),
        outputs: command(engine.outputs),
      };
    default:
      return unreachable(engine);
  }
}

function command(argv: Command | undefined): string[] | null {
  return argv === undefined ? null : [...argv];
}
