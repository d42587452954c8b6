import type { Env } from "../../process.ts";
import { type Captured, capture } from "../../process.ts";
import { runTool, type ToolCall, type ToolRun } from "../../tool.ts";
import type { UnitState } from "../../unit-state.ts";

/** How this unit's terraform is called: directly, or through a wrapper that passes its verbs on. */
export interface Invocation {
  /** Absolute path. */
  readonly program: string;
  readonly label: string;
  /** Terraform or tofu itself, behind whatever wraps it. */
  readonly terraform: string;
  readonly environment: Env;
  /** What stands before `workspace …`, which some wrappers do not pass on by themselves. */
  readonly workspacePrefix: readonly string[];
  /** Whether the module's state may be kept on this machine when it names no backend. */
  readonly keepsState: boolean;
  /** Whether a dirspace's workspace is one of terraform's. */
  readonly selectsWorkspace: boolean;
  readonly collectOutputs: boolean;
  /** Where commands run; the dirspace's directory if undefined. */
  readonly folder: (state: UnitState) => string | undefined;
}

export function toolCall(
  state: UnitState,
  how: Invocation,
  args: readonly string[],
  env: Env,
): ToolCall {
  const cwd = how.folder(state);
  const { program, label } = how;
  return { program, label, args, env, ...(cwd === undefined ? {} : { cwd }) };
}

export function invoke(
  state: UnitState,
  how: Invocation,
  args: readonly string[],
  env: Env,
): Promise<ToolRun> {
  return runTool(state, toolCall(state, how, args, env));
}

/** For what is read by the runner and not shown. */
export function invokeQuietly(
  state: UnitState,
  how: Invocation,
  args: readonly string[],
  { env, charsMax }: { readonly env: Env; readonly charsMax: number },
): Promise<Captured> {
  const { job, path } = state;
  const cwd = how.folder(state) ?? path;
  return capture(
    { program: how.program, args, cwd, env, protect: false },
    { stop: job.stop, graceMs: job.graceMs, charsMax },
  );
}
