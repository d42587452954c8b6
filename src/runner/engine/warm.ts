import { resolve } from "node:path";
import { unreachable } from "../../base/unreachable.ts";
import type { WorkEngine } from "../../contract/engine.ts";
import type { Job } from "../unit-state.ts";
import { type Tool, wishOf } from "./version/wish.ts";

/** Begins to fetch every engine that a unit of this job names by its version, all at the same time. */
export async function warmEngines({ work, root, toolchain }: Job): Promise<void> {
  const wanted = work.units.flatMap(({ dir, engine }) =>
    dir.split("/").includes("..")
      ? []
      : toolsOf(engine).map(([tool, version]) => ({ tool, version, path: resolve(root, dir) })),
  );
  const wishes = await Promise.all(
    wanted.map(async ({ tool, version, path }) => ({
      tool,
      wish: await wishOf(tool, version, { root, path }),
    })),
  );
  await toolchain.warm(wishes, root);
}

function toolsOf(engine: WorkEngine): readonly (readonly [Tool, string | null])[] {
  switch (engine.name) {
    case "terraform":
    case "tofu":
      return engine.command === null ? [[engine.name, engine.version]] : [];
    case "terragrunt": {
      const wrapper = engine.command === null ? [["terragrunt", engine.version] as const] : [];
      return [...wrapper, ...below(engine)];
    }
    case "cdktf":
      return below(engine);
    case "pulumi":
    case "custom":
      return [];
    default:
      return unreachable(engine);
  }
}

function below({
  tfCmd,
  tfVersion,
}: {
  readonly tfCmd: string;
  readonly tfVersion: string | null;
}): readonly (readonly [Tool, string | null])[] {
  return tfCmd === "terraform" || tfCmd === "tofu" ? [[tfCmd, tfVersion]] : [];
}
