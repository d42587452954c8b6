import { stat, writeFile } from "node:fs/promises";
import type { WorkEngine } from "../../contract/engine.ts";
import { planFacts } from "../plan-json.ts";
import { capture, type Env, findProgram } from "../process.ts";
import { expandArgv } from "../template.ts";
import { failureOf } from "../text.ts";
import { runTool, type ToolCall, toolFailure } from "../tool.ts";
import { type Applied, OK, type StepEnd, type UnitState } from "../unit-state.ts";
import type { Engine, EngineApply, EnginePlan, EngineStep, StepFailed } from "./engine.ts";
import {
  members,
  OUTPUTS_CHARS_MAX,
  type Output,
  shownOutputs,
  terraformOutputs,
} from "./outputs.ts";

type Wanted = Extract<WorkEngine, { name: "custom" }>;
type Command = readonly string[] | null;

const NO_UNSAFE_APPLY =
  "The custom engine has no command that applies without a plan. Configure its `unsafe_apply`, or plan, review and apply.";
const NO_PLAN_WRITTEN = "{}";
/** Documented, and the opposite of terraform's: a plan that ends with 0 has changes. */
const CHANGED = 0;
const UNCHANGED = 2;

/** Any program, by its arguments; a command that is not configured has nothing to do. */
export function customEngine(wanted: Wanted): Engine {
  return {
    label: "the custom engine",
    environment: {},
    init: (state, step) => init(state, wanted.init, step),
    plan: (state, step) => plan(state, wanted, step),
    showJson: () => Promise.resolve({ kind: "none" }),
    apply: (state, step) => apply(state, wanted, step),
    outputs: (state, env) => outputs(state, wanted.outputs, env),
  };
}

async function init(state: UnitState, command: Command, step: EngineStep): Promise<StepEnd> {
  const built = await build(state, command, step, "init");
  if (built.kind !== "call") return built.kind === "nothing" ? OK : built;
  const run = await runTool(state, built.call);
  if (run.succeeded) return OK;
  const facts = { ended: run.ended, tail: run.text() };
  return { kind: "failed", failure: toolFailure(state, "init", built.call.label, facts) };
}

async function plan(state: UnitState, wanted: Wanted, step: EngineStep): Promise<EnginePlan> {
  const built = await build(state, wanted.plan, step, "plan");
  if (built.kind === "failed") return built;
  const nothing = { kind: "planned", ...planFacts({}), text: "", secrets: [] } as const;
  if (built.kind === "nothing") return nothing;
  const run = await runTool(state, built.call);
  const code = run.ended.kind === "exited" ? run.ended.code : null;
  if (code !== CHANGED && code !== UNCHANGED) {
    const facts = { ended: run.ended, tail: run.text() };
    return { kind: "failed", failure: toolFailure(state, "plan", built.call.label, facts) };
  }
  const written = await stat(state.planFile).catch(() => undefined);
  if (written === undefined) await writeFile(state.planFile, NO_PLAN_WRITTEN, { mode: 0o600 });
  const shown = await diff(state, wanted.diff, step.env);
  if (shown.kind === "failed") return shown;
  return { ...nothing, changed: code === CHANGED, text: shown.text ?? run.text().trim() };
}

type Diff = { readonly kind: "ok"; readonly text: string | undefined } | StepFailed;

/** What a reviewer reads; without the command, what the plan itself said. */
async function diff(state: UnitState, command: Command, env: Env): Promise<Diff> {
  const built = await build(state, command, { args: [], env }, "plan");
  if (built.kind === "failed") return built;
  if (built.kind === "nothing") return { kind: "ok", text: undefined };
  const run = await quietly(state, built.call);
  if (run.ended.kind === "exited" && run.ended.code === 0) {
    return { kind: "ok", text: run.stdout.trim() };
  }
  const facts = { ended: run.ended, tail: `${run.stderr}${run.stdout}` };
  return { kind: "failed", failure: toolFailure(state, "plan", built.call.label, facts) };
}

async function apply(state: UnitState, wanted: Wanted, step: EngineStep): Promise<EngineApply> {
  const autoApprove = state.job.work.autoApprove === true;
  const command = autoApprove ? wanted.unsafeApply : wanted.apply;
  // What applies a plan would be called without one.
  if (autoApprove && command === null && wanted.apply !== null) {
    return { kind: "failed", failure: failureOf("apply", NO_UNSAFE_APPLY) };
  }
  const built = await build(state, command, step, "apply");
  return built.kind === "call" ? { ...built, call: { ...built.call, protect: true } } : built;
}

async function outputs(state: UnitState, command: Command, env: Env): Promise<Applied["outputs"]> {
  const built = await build(state, command, { args: [], env }, "outputs");
  if (built.kind !== "call") return [];
  const run = await quietly(state, built.call);
  const document = members(run.stdout);
  const known = terraformOutputs(run.stdout);
  const plain = Object.entries(document).filter(
    ([name]) => !known.some((one) => one.name === name),
  );
  const all: Output[] = [
    ...known,
    ...plain.map(([name, value]) => ({ name, sensitive: false, value })),
  ];
  if (all.length === 0 && run.stdout.trim() !== "{}") {
    await state.output.say(
      `${built.call.label} printed no JSON object: there are no outputs to show.`,
    );
  }
  return shownOutputs(all, state.job.masker);
}

function quietly(state: UnitState, { program, args, env }: ToolCall) {
  const { job, path: cwd } = state;
  return capture(
    { program, args, cwd, env: env ?? state.env, protect: false },
    { stop: job.stop, graceMs: job.graceMs, charsMax: OUTPUTS_CHARS_MAX },
  );
}

/** The command with `$NAME` replaced and its program found. */
async function build(
  state: UnitState,
  command: Command,
  step: EngineStep,
  name: string,
): Promise<EngineApply> {
  if (command === null || command.length === 0) return { kind: "nothing" };
  const argv = expandArgv(command, step.env);
  if (argv.kind === "missing") {
    const message = `ERROR: Missing environment variable: ${argv.name}. The custom engine's command names it. Set it in the CI job or in an env step before this one; write $$ for a dollar sign.`;
    return { kind: "failed", failure: failureOf(name, message) };
  }
  const [label = "", ...args] = argv.argv;
  const program = await findProgram(label, step.env, state.path);
  if (program === undefined) {
    const message = `The program "${label}" of the custom engine was not found. Install it in the CI job, or correct the engine in the configuration.`;
    return { kind: "failed", failure: failureOf(name, message) };
  }
  return { kind: "call", call: { program, label, args: [...args, ...step.args], env: step.env } };
}
