import type { WorkStep } from "../../contract/step.ts";
import { delay } from "../process.ts";
import { runTool, type ToolRun, toolFailure } from "../tool.ts";
import { OK, type StepEnd, type UnitState } from "../unit-state.ts";
import { engineArgs } from "./engine-args.ts";

const INIT_TRIES = 3;
const INIT_PAUSES_MS = [1_000, 1_500];
/** What stays wrong however often it is tried. */
const PERMANENT =
  /including problems\s+with the configuration|Unsupported (?:Terraform|OpenTofu) Core version/;
const PLUGIN_CACHE_LOCK = "plugin cache";

/** Downloads what the module needs and selects the workspace. The only step that is tried again: it changes nothing. */
export async function initStep(
  state: UnitState,
  step: Extract<WorkStep, { type: "init" }>,
): Promise<StepEnd> {
  const prepared = engineArgs(state, "init", step);
  if (prepared.kind === "failed") return prepared;
  const { args, env } = prepared;
  const kept = await state.job.localState.prepare(state.unit.dir, state.path);
  if (kept !== undefined) {
    await state.output.say("The module names no backend: its state is kept on this machine.");
  }
  // Workspaces of one directory share `.terraform.lock.hcl`, which init may write.
  const init = await alone(state, env, () =>
    retried(state, ["init", "-input=false", "-no-color", ...args], env),
  );
  if (!init.succeeded) {
    const failure = toolFailure(state, "init", `${state.engine.label} init`, {
      ended: init.ended,
      tail: init.text(),
    });
    return { kind: "failed", failure };
  }
  return await selectWorkspace(state, env);
}

function alone<T>(
  state: UnitState,
  env: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const { locks } = state.job;
  const perDirectory = () => locks.hold(`init ${state.path}`, work);
  // Terraform's own cache breaks when two inits fill it at once.
  return env["TF_PLUGIN_CACHE_DIR"] === undefined
    ? perDirectory()
    : locks.hold(PLUGIN_CACHE_LOCK, perDirectory);
}

async function retried(
  state: UnitState,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ToolRun> {
  const { program, label } = state.engine;
  for (let tried = 1; ; tried += 1) {
    const run = await runTool(state, { program, label, args, env });
    const again = run.ended.kind === "exited" && !run.succeeded && !PERMANENT.test(run.text());
    if (!again || tried === INIT_TRIES || state.job.stop.reason !== undefined) return run;
    await state.output.say(`init did not succeed; try ${tried + 1} of ${INIT_TRIES} follows.`);
    await delay(INIT_PAUSES_MS[tried - 1] ?? 0);
  }
}

async function selectWorkspace(
  state: UnitState,
  env: Readonly<Record<string, string>>,
): Promise<StepEnd> {
  const { unit, engine } = state;
  // A new data directory is in workspace `default` already.
  if (!unit.createAndSelectWorkspace || unit.workspace === "default") return OK;
  // `-` is a legal first character of a workspace.
  const name = unit.workspace.startsWith("-") ? ["--", unit.workspace] : [unit.workspace];
  const { program, label } = engine;
  const args = (verb: string) => ["workspace", verb, "-no-color", ...name];
  const select = await runTool(state, { program, label, args: args("select"), env });
  if (select.succeeded || state.job.stop.reason !== undefined) return ended(state, select);
  const created = await runTool(state, { program, label, args: args("new"), env });
  return ended(state, created, select);
}

function ended(state: UnitState, run: ToolRun, before?: ToolRun): StepEnd {
  if (run.succeeded) return OK;
  const tail = `${before?.text() ?? ""}${run.text()}`;
  const label = `${state.engine.label} workspace`;
  return {
    kind: "failed",
    failure: toolFailure(state, "workspace", label, { ended: run.ended, tail }),
  };
}
