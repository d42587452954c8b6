import { writeFile } from "node:fs/promises";
import { capture, type Env, findProgram } from "../process.ts";
import { failureOf } from "../text.ts";
import { runTool, toolFailure } from "../tool.ts";
import { type Applied, OK, type StepEnd, type UnitState } from "../unit-state.ts";
import type { Engine, EngineApply, EnginePlan, EngineStep } from "./engine.ts";
import type { EnginePlace } from "./locate.ts";
import type { Opened } from "./open-engine.ts";
import { members, OUTPUTS_CHARS_MAX, shownOutputs } from "./outputs.ts";
import { readPreview } from "./pulumi-preview.ts";

const ALWAYS = ["--non-interactive", "--color", "never"];
const PREVIEW_CHARS_MAX = 256_000_000;
/** What pulumi itself prints in the place of a secret value. */
const SECRET = "[secret]";

/** The workspace is the stack; it is named in every command, because what is selected belongs to the whole directory. */
export async function openPulumi(place: EnginePlace): Promise<Opened> {
  const program = await findProgram("pulumi", place.env, place.root);
  if (program === undefined) {
    const message =
      "pulumi was not found on PATH. Install pulumi in the CI job, then start the run again.";
    return { kind: "failed", failure: failureOf("engine", message) };
  }
  const engine: Engine = {
    label: "pulumi",
    // Saved plans need it where they are still called experimental.
    environment: { PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_EXPERIMENTAL: "true" },
    init: (state, step) => init(state, program, step),
    plan: (state, step) => plan(state, program, step),
    showJson: () => Promise.resolve({ kind: "none" }),
    apply: (state, step) => applyCall(state, program, step),
    outputs: (state, env) => outputs(state, program, env),
  };
  return { kind: "open", engine };
}

async function init(state: UnitState, program: string, step: EngineStep): Promise<StepEnd> {
  const loggedIn = await login(state, program, step);
  if (loggedIn.kind !== "ok") return loggedIn;
  // Pulumi writes down what is selected in a directory, for all who work there.
  return await state.job.locks.hold(`pulumi select ${state.path}`, () =>
    ran(state, program, ["stack", "select", "--stack", state.unit.workspace], step.env),
  );
}

/** Once for a job: it writes one file for the whole account. */
async function login(state: UnitState, program: string, step: EngineStep): Promise<StepEnd> {
  const { once } = state.job;
  const { env } = step;
  const key = `pulumi login ${JSON.stringify([step.args, env["PULUMI_BACKEND_URL"], env["PULUMI_HOME"]])}`;
  const before = once.get(key);
  if (before !== undefined) return await before;
  const work = ran(state, program, ["login", ...step.args], env);
  once.set(key, work);
  return await work;
}

async function ran(
  state: UnitState,
  program: string,
  args: readonly string[],
  env: Env,
): Promise<StepEnd> {
  const run = await runTool(state, {
    program,
    label: "pulumi",
    args: [...args, ...ALWAYS],
    env,
  });
  if (run.succeeded) return OK;
  const label = `pulumi ${args[0] ?? ""}`;
  const facts = { ended: run.ended, tail: run.text() };
  return { kind: "failed", failure: toolFailure(state, "init", label, facts) };
}

/** The preview's saved plan is what an apply is held to, so one without it is no plan to review. */
async function plan(state: UnitState, program: string, step: EngineStep): Promise<EnginePlan> {
  const { job, path: cwd } = state;
  const fixed = ["--stack", state.unit.workspace, "--json", `--save-plan=${state.planFile}`];
  const args = ["preview", ...fixed, ...step.args, ...ALWAYS];
  await state.output.say(`$ pulumi ${args.join(" ")}`);
  const run = await capture(
    { program, args, cwd, env: step.env, protect: false },
    { stop: job.stop, graceMs: job.graceMs, charsMax: PREVIEW_CHARS_MAX },
  );
  const label = "pulumi preview";
  if (run.stderr !== "") await state.output.say(run.stderr.trimEnd());
  if (run.ended.kind !== "exited" || run.ended.code !== 0) {
    const tail = `${run.stderr}${readPreview(members(run.stdout)).text}`;
    const failure = toolFailure(state, "plan", label, { ended: run.ended, tail });
    const tooOld = /unknown flag: --save-plan/.test(run.stderr);
    if (!tooOld) return { kind: "failed", failure };
    const message =
      "This pulumi cannot save a plan, so an apply could not be held to what was reviewed. Install a newer pulumi in the CI job (one with `preview --save-plan`).";
    return { kind: "failed", failure: { ...failure, message } };
  }
  if (run.overflow || !run.stdout.trimStart().startsWith("{")) {
    const message = `${label} printed no JSON that can be read.`;
    return { kind: "failed", failure: failureOf("plan", message) };
  }
  const preview = readPreview(members(run.stdout));
  const file = `${state.planFile}.json`;
  await writeFile(file, run.stdout, { mode: 0o600 });
  state.planJson = file;
  await state.output.say(preview.text);
  return { kind: "planned", ...preview, secrets: [] };
}

/** No second preview: the saved plan is the limit of what may be done. */
function applyCall(state: UnitState, program: string, step: EngineStep): EngineApply {
  const fixed = ["--stack", state.unit.workspace, "--yes", "--skip-preview"];
  const bound = state.job.work.autoApprove === true ? [] : [`--plan=${state.planFile}`];
  const args = ["up", ...fixed, ...bound, ...step.args, ...ALWAYS];
  const call = { program, label: "pulumi", args, env: step.env, protect: true };
  return { kind: "call", call };
}

async function outputs(state: UnitState, program: string, env: Env): Promise<Applied["outputs"]> {
  const { job, path: cwd } = state;
  const args = ["stack", "output", "--json", "--stack", state.unit.workspace, ...ALWAYS];
  const run = await capture(
    { program, args, cwd, env, protect: false },
    { stop: job.stop, graceMs: job.graceMs, charsMax: OUTPUTS_CHARS_MAX },
  );
  const all = Object.entries(members(run.stdout)).map(([name, value]) => {
    const sensitive = JSON.stringify(value).includes(SECRET);
    return { name, sensitive, value };
  });
  // The words that stand for a secret are none themselves.
  const learnNothing = { add: () => undefined, mask: (text: string) => job.masker.mask(text) };
  return shownOutputs(all, learnNothing);
}
