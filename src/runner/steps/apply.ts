import { truncateEnd } from "../../base/text.ts";
import type { WorkStep } from "../../contract/step.ts";
import type { Masker } from "../mask.ts";
import { capture, delay } from "../process.ts";
import { elide, failureOf } from "../text.ts";
import { runTool, type ToolRun, toolFailure } from "../tool.ts";
import { type Applied, OK, type StepEnd, type UnitState } from "../unit-state.ts";
import { engineArgs } from "./engine-args.ts";

const OUTPUTS_CHARS_MAX = 64_000_000;
const OUTPUT_VALUE_CHARS_MAX = 4_000;
/** From here on an apply prints values; sensitive outputs are known only after it. */
const OUTPUTS_HEADING = /^Outputs:\s*$/;
/** The state moved on, so this plan can never be applied again (S13). */
const STALE = /Saved plan is stale/;

type ApplyStep = Extract<WorkStep, { type: "apply" }>;
type StepEnv = Readonly<Record<string, string>>;

/** Applies exactly the plan file that the grant brought; the caller has taken the grant. */
export async function applyStep(state: UnitState, step: ApplyStep): Promise<StepEnd> {
  const prepared = engineArgs(state, "apply", step);
  if (prepared.kind === "failed") return prepared;
  const { env } = prepared;
  if (state.job.stop.reason !== undefined) {
    const message = `${state.job.stop.reason} The apply had been granted but had not begun: nothing was applied.`;
    return { kind: "failed", failure: failureOf("apply", message) };
  }
  const args = ["apply", ...prepared.args, "-input=false", "-no-color", state.planFile];
  state.applying = true;
  const run = await retried(state, args, env, step.retry);
  state.applying = false;
  const outputs = await readOutputs(state, env, run.succeeded);
  await run.release("all");
  const text = run.text();
  if (!run.succeeded) {
    const label = `${state.engine.label} apply`;
    const failure = toolFailure(state, "apply", label, { ended: run.ended, tail: text });
    return { kind: "failed", failure };
  }
  state.applied = { outcome: "applied", outputs, text: elide(state.job.masker.mask(text.trim())) };
  return OK;
}

async function retried(
  state: UnitState,
  args: readonly string[],
  env: StepEnv,
  retry: ApplyStep["retry"],
): Promise<ToolRun> {
  const { program, label } = state.engine;
  let pause = retry?.initialSleepSeconds ?? 0;
  for (let tried = 1; ; tried += 1) {
    let inOutputs = false;
    const live = (line: string, stream: string) => {
      if (stream === "stdout" && OUTPUTS_HEADING.test(line)) inOutputs = true;
      return stream === "stderr" || !inOutputs;
    };
    const run = await runTool(state, { program, label, args, env, protect: true, live });
    const failedByItself = run.ended.kind === "exited" && run.ended.signal === null;
    const again = failedByItself && !run.succeeded && !STALE.test(run.text());
    if (!again || tried >= (retry?.tries ?? 1) || state.job.stop.reason !== undefined) return run;
    await state.output.say(`apply did not succeed; it is tried again in ${pause} s.`);
    await delay(pause * 1_000);
    pause *= retry?.backoff ?? 1;
  }
}

/** Names and values; sensitive values are learnt for masking and go nowhere. */
async function readOutputs(
  state: UnitState,
  env: StepEnv,
  applied: boolean,
): Promise<Applied["outputs"]> {
  const { engine, job, path } = state;
  if (!applied || job.stop.reason !== undefined) return [];
  const run = await capture(
    { program: engine.program, args: ["output", "-json"], cwd: path, env, protect: false },
    { stop: job.stop, graceMs: job.graceMs, charsMax: OUTPUTS_CHARS_MAX },
  );
  const outputs = parseOutputs(run.stdout);
  for (const output of outputs) if (output.sensitive) addLeaves(output.value, job.masker);
  return outputs.map(({ name, sensitive, value }) => ({
    name,
    sensitive,
    value: sensitive ? null : truncateEnd(job.masker.mask(textOf(value)), OUTPUT_VALUE_CHARS_MAX),
  }));
}

function parseOutputs(json: string): { name: string; sensitive: boolean; value: unknown }[] {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return [];
  }
  if (typeof document !== "object" || document === null) return [];
  return Object.entries(document).flatMap(([name, output]: [string, unknown]) => {
    if (typeof output !== "object" || output === null || !("value" in output)) return [];
    // What does not say is treated as sensitive.
    const sensitive = !("sensitive" in output) || output.sensitive !== false;
    return [{ name, sensitive, value: output.value }];
  });
}

function addLeaves(value: unknown, masker: Masker): void {
  if (typeof value === "string") masker.add(value);
  else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) addLeaves(member, masker);
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
