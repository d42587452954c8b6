import { isAbsolute } from "node:path";
import { delay, type Env } from "../../process.ts";
import { type ToolRun, toolFailure } from "../../tool.ts";
import { OK, type StepEnd, type UnitState } from "../../unit-state.ts";
import type { EngineStep } from "../engine.ts";
import { type Invocation, invoke } from "./invocation.ts";
import { restoreModules, saveModules } from "./module-cache.ts";
import { sideBySide } from "./side-by-side.ts";

const INIT_TRIES = 3;
const INIT_PAUSES_MS = [1_000, 1_500];
/** What stays wrong however often it is tried. */
const PERMANENT =
  /including problems\s+with the configuration|Unsupported (?:Terraform|OpenTofu) Core version/;

/** Downloads what the module needs and selects the workspace. The only step that is tried again: it changes nothing. */
export async function terraformInit(
  state: UnitState,
  how: Invocation,
  { args, env }: EngineStep,
): Promise<StepEnd> {
  if (how.keepsState) {
    const kept = await state.job.localState.prepare(state.unit.dir, state.path);
    if (kept !== undefined) {
      await state.output.say("The module names no backend: its state is kept on this machine.");
    }
  }
  const init = await sideBySide(state, { args, env }, async () => {
    const folder = how.folder(state) ?? state.path;
    const served = await state.job.providers.serve({ folder, program: how.terraform, env, args });
    if (served.said !== "") await state.output.say(served.said);
    const own = { ...env, ...served.env };
    // Only a data directory of this unit's own can be filled from elsewhere.
    const dataDir = isAbsolute(env["TF_DATA_DIR"] ?? "") ? env["TF_DATA_DIR"] : undefined;
    if (dataDir !== undefined) await restoreModules(state, dataDir);
    const run = await retried(state, how, ["init", "-input=false", "-no-color", ...args], own);
    if (dataDir !== undefined && run.succeeded) await saveModules(state, dataDir);
    return run;
  });
  if (!init.succeeded) {
    const failure = toolFailure(state, "init", `${how.label} init`, {
      ended: init.ended,
      tail: init.text(),
    });
    return { kind: "failed", failure };
  }
  return await selectWorkspace(state, how, env);
}

async function retried(
  state: UnitState,
  how: Invocation,
  args: readonly string[],
  env: Env,
): Promise<ToolRun> {
  for (let tried = 1; ; tried += 1) {
    const run = await invoke(state, how, args, env);
    const again = run.ended.kind === "exited" && !run.succeeded && !PERMANENT.test(run.text());
    if (!again || tried === INIT_TRIES || state.job.stop.reason !== undefined) return run;
    await state.output.say(`init did not succeed; try ${tried + 1} of ${INIT_TRIES} follows.`);
    await delay(INIT_PAUSES_MS[tried - 1] ?? 0);
  }
}

async function selectWorkspace(state: UnitState, how: Invocation, env: Env): Promise<StepEnd> {
  const { unit } = state;
  // A new data directory is in workspace `default` already.
  const wanted = how.selectsWorkspace && unit.createAndSelectWorkspace;
  if (!wanted || unit.workspace === "default") return OK;
  // `-` is a legal first character of a workspace.
  const name = unit.workspace.startsWith("-") ? ["--", unit.workspace] : [unit.workspace];
  const args = (verb: string) => [...how.workspacePrefix, "workspace", verb, "-no-color", ...name];
  const select = await invoke(state, how, args("select"), env);
  if (select.succeeded || state.job.stop.reason !== undefined) return ended(state, how, select);
  const created = await invoke(state, how, args("new"), env);
  return ended(state, how, created, select);
}

function ended(state: UnitState, how: Invocation, run: ToolRun, before?: ToolRun): StepEnd {
  if (run.succeeded) return OK;
  const tail = `${before?.text() ?? ""}${run.text()}`;
  const label = `${how.label} workspace`;
  return {
    kind: "failed",
    failure: toolFailure(state, "workspace", label, { ended: run.ended, tail }),
  };
}
