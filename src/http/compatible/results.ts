import * as z from "zod/mini";
import { truncateEnd, truncateMiddle } from "../../base/text.ts";
import {
  GATES_MAX,
  OutputFormat,
  type RunOn,
  STEP_REPORTS_MAX,
  STEP_TEXT_CHARS_MAX,
} from "../../contract/step.ts";
import { RESULT_TEXT_CHARS_MAX } from "../../contract/work.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { Failure, OutputValue, RaisedGate, StepReport } from "../../core/run/report.ts";
import type { Said } from "../../engine/compatible-door.ts";
import type { UnitSaid } from "../../engine/compatible-report.ts";
import { keyOf } from "../work-item.ts";
import type { Payload, ResultsV2, Step, RaisedGate as WireGate } from "./bodies.ts";

const STEP_CHARS_MAX = 40;
const TITLE_CHARS_MAX = 500;
const MESSAGE_CHARS_MAX = 2_000;
const OUTPUT_CHARS_MAX = 4_000;
const OUTPUTS_MAX = 1_000;

/** What a job's results say of its dirspaces. Of what steps printed nothing is concluded but what they say themselves. */
export function saidBy({ steps, gates }: ResultsV2): Said {
  const hook = steps.find((step) => step.scope.type === "run" && counts(step));
  const failure = hook === undefined ? undefined : hookFailure(hook);
  const isPre = hook?.scope.type === "run" && hook.scope.subflow === "pre";
  const byUnit = new Map<DirspaceKey, Step[]>();
  for (const step of steps) {
    if (step.scope.type !== "dirspace") continue;
    const key = keyOf(step.scope);
    byUnit.set(key, [...(byUnit.get(key) ?? []), step]);
  }
  const raised = gates ?? [];
  // One that names none of these dirspaces comes from a hook, and is one for all of them.
  const ofHooks = raised.filter((gate) => {
    const key = unitOf(gate);
    return key === undefined || !byUnit.has(key);
  });
  const pre = hookSteps(steps, "pre");
  const post = hookSteps(steps, "post");
  const silentPre = silentGates(pre);
  const units = [...byUnit].map(([key, own]) => {
    const asked = raised.filter((gate) => unitOf(gate) === key);
    return [key, unitSaid(own, [...asked, ...ofHooks], silentPre ?? silentGates(own))] as const;
  });
  if (isPre && failure !== undefined && units.length === 0) {
    return { kind: "failed", message: failure };
  }
  const isSilent = silentGates([...pre, ...post]) !== undefined;
  const hooks = { pre: reportsOf(pre), post: reportsOf(post) };
  return { kind: "units", units: new Map(units), failure, hooks, isSilent };
}

function hookSteps(steps: readonly Step[], subflow: string): readonly Step[] {
  return steps.filter(({ scope }) => scope.type === "run" && scope.subflow === subflow);
}

function reportsOf(steps: readonly Step[]): readonly StepReport[] {
  return steps.slice(0, STEP_REPORTS_MAX).map(stepReport);
}

/** A failure that its configuration does not let pass. */
function counts(step: Step): boolean {
  return !step.success && !step.ignore_errors;
}

function hookFailure({ step, scope, payload }: Step): string {
  const when = scope.type === "run" && scope.subflow === "post" ? "after" : "before";
  const said = lastLines(textOf(payload), MESSAGE_CHARS_MAX / 2);
  return `The step ${step} ${when} the directories failed${said === "" ? "." : `: ${said}`}`;
}

function unitOf({ dir, workspace }: WireGate): DirspaceKey | undefined {
  return typeof dir === "string" ? keyOf({ dir, workspace: workspace ?? "default" }) : undefined;
}

function unitSaid(
  steps: readonly Step[],
  raised: readonly WireGate[],
  silent: Step | undefined,
): UnitSaid {
  const planned = steps.find(({ step }) => step.endsWith("/plan"));
  const applied = steps.find(({ step }) => step.endsWith("/apply"));
  const failed = steps.find(counts) ?? silent;
  return {
    failure: failed === undefined ? tooManyGates(raised) : failureOf(failed),
    plan: planned === undefined ? undefined : planOf(planned.payload),
    text: applied === undefined ? "" : clean(textOf(applied.payload), RESULT_TEXT_CHARS_MAX),
    outputs: applied === undefined ? [] : outputsOf(applied.payload["outputs"]),
    steps: reportsOf(steps),
    gates: raised.slice(0, GATES_MAX).map(raisedGate),
  };
}

/**
 * A `gates` step always says that it failed and that this does not count. One that got an answer says no more than when
 * that is shown. With a text, or with nothing at all, its program crashed, and no answer is not "no approval needed",
 * whatever others asked for.
 */
function silentGates(steps: readonly Step[]): Step | undefined {
  return steps.find(
    ({ step, payload }) =>
      step === "gates" && (textOf(payload) !== "" || payload["visible_on"] === undefined),
  );
}

/** None may be left out. */
function tooManyGates(raised: readonly WireGate[]): Failure | undefined {
  if (raised.length <= GATES_MAX) return undefined;
  const message = `The steps ask for ${raised.length} approvals; there may be ${GATES_MAX}.`;
  return { step: "gates", message, tail: "", exitCode: null, signal: null };
}

function planOf(payload: Payload): UnitSaid["plan"] {
  const { has_changes: changed, plan } = payload as Readonly<Record<string, unknown>>;
  const text = typeof plan === "string" && plan !== "" ? plan : textOf(payload);
  return {
    changed: typeof changed === "boolean" ? changed : undefined,
    text: clean(text, RESULT_TEXT_CHARS_MAX),
  };
}

function failureOf({ step, payload }: Step): Failure {
  const text = textOf(payload);
  const message =
    text === ""
      ? `The step ${step} failed and said nothing.`
      : `The step ${step} failed: ${lastLines(text, 300)}`;
  return {
    step: truncateEnd(withoutNul(step.split("/").at(-1) ?? step), STEP_CHARS_MAX),
    message: truncateEnd(message, MESSAGE_CHARS_MAX),
    tail: clean(text, RESULT_TEXT_CHARS_MAX),
    exitCode: exitCodeOf(payload),
    signal: null,
  };
}

function stepReport(step: Step): StepReport {
  const { payload, success, ignore_errors: ignored } = step;
  const { cmd } = payload as Readonly<Record<string, unknown>>;
  const title = Array.isArray(cmd) ? cmd.filter((part) => typeof part === "string").join(" ") : "";
  return {
    step: truncateEnd(withoutNul(step.step), STEP_CHARS_MAX),
    title: truncateEnd(withoutNul(title), TITLE_CHARS_MAX),
    outcome:
      step.step === "gates" ? "gated" : success ? "succeeded" : ignored ? "ignored" : "failed",
    visibleOn: visibleOn(payload),
    format: formatOf(payload),
    text: clean(textOf(payload), STEP_TEXT_CHARS_MAX),
    exitCode: exitCodeOf(payload),
    durationMs: 0,
  };
}

/** `error` is in no list of theirs, and is taken for a failure. */
function visibleOn({ visible_on: said }: Readonly<Record<string, unknown>>): RunOn {
  const parsed = z.safeParse(z.enum(["success", "failure", "always"]), said);
  return parsed.success ? parsed.data : "failure";
}

function formatOf({ format }: Readonly<Record<string, unknown>>): OutputFormat {
  const written = typeof format === "string" ? { type: format } : format;
  const parsed = z.safeParse(OutputFormat, written);
  return parsed.success ? parsed.data : { type: "code" };
}

function exitCodeOf({ exit_code: code }: Readonly<Record<string, unknown>>): number | null {
  return typeof code === "number" && Number.isSafeInteger(code) ? code : null;
}

function textOf(payload: Readonly<Record<string, unknown>>): string {
  const { text, stderr, error, plan_text: older } = payload;
  const said = [text ?? older, stderr, error].filter(
    (part) => typeof part === "string" && part !== "",
  );
  return said.join("\n");
}

function raisedGate(gate: WireGate): RaisedGate {
  return {
    token: gate.token ?? null,
    name: gate.name ?? null,
    allOf: gate.all_of ?? [],
    anyOf: gate.any_of ?? [],
    anyOfCount: gate.any_of_count ?? 1,
    addReviewers: gate.add_reviewers === true,
  };
}

function outputsOf(outputs: unknown): readonly OutputValue[] {
  if (typeof outputs !== "object" || outputs === null) return [];
  return Object.entries(outputs)
    .slice(0, OUTPUTS_MAX)
    .flatMap(([name, output]: [string, unknown]) => {
      if (typeof output !== "object" || output === null || !("value" in output)) return [];
      // What does not say is treated as sensitive.
      const sensitive = !("sensitive" in output) || output.sensitive !== false;
      const { value } = output;
      const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
      const shown = sensitive ? null : truncateEnd(withoutNul(text), OUTPUT_CHARS_MAX);
      return [{ name: truncateEnd(withoutNul(name), OUTPUT_CHARS_MAX), sensitive, value: shown }];
    });
}

function clean(text: string, max: number): string {
  return truncateMiddle(withoutNul(text), max, "\n… cut …\n");
}

/** PostgreSQL's text and `jsonb` hold neither NUL nor half of a surrogate pair. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "\ufffd").toWellFormed();
}

function lastLines(text: string, max: number): string {
  const lines = withoutNul(text).trim().split("\n").slice(-3).join(" ").trim();
  return truncateMiddle(lines, max);
}
