import { unreachable } from "../../base/unreachable.ts";
import type { StepReport } from "../../contract/step.ts";
import type { Failure } from "../../contract/work.ts";
import type { Recording } from "../output.ts";
import type { Scope, StepEnd } from "../scope.ts";
import { failureOf } from "../text.ts";
import { ask } from "./ask.ts";
import { renewCredentials } from "./oidc.ts";
import { type AnyStep, optionsOf, type StepOptions, wanted } from "./options.ts";

type Judged =
  | { readonly outcome: "succeeded" }
  | { readonly outcome: "failed" | "ignored" | "gated"; readonly failure: Failure };

export type StepsEnd =
  | { readonly kind: "ended" }
  /** The job was told to stop while there was a step to run: what it would have found out is not known. */
  | { readonly kind: "cut" }
  | Extract<StepEnd, { kind: "not_started" }>;

/** Runs the steps of a scope in their order, each with the options that all of them have, and reports each. */
export async function runSteps<S extends AnyStep>(
  scope: Scope,
  steps: readonly S[],
  once: (step: S) => Promise<StepEnd>,
  ended?: (step: S, outcome: Judged["outcome"]) => void,
): Promise<StepsEnd> {
  for (const step of steps) {
    const options = optionsOf(step);
    if (!wanted(options.runOn, scope.failure !== undefined)) continue;
    if (scope.job.stop.reason !== undefined) return { kind: "cut" };
    const recording = scope.output.record();
    const startedAt = performance.now();
    const end = await attempt(options.name, async () => {
      const notRenewed = await renewCredentials(scope);
      if (notRenewed !== undefined) {
        if (options.runOn === "success") return notRenewed;
        // Who tells people of a failure, or cleans up after one, must not be kept from it by another.
        await scope.output.say(notRenewed.failure.message);
      }
      return await once(step);
    });
    recording.stop();
    if (end.kind === "not_started") return end;
    const judged = judge(scope, options, end);
    const durationMs = Math.round(performance.now() - startedAt);
    scope.reports.add(reportOf(options, recording, judged, durationMs));
    await settle(scope, judged);
    ended?.(step, judged.outcome);
  }
  return { kind: "ended" };
}

/** A bug of ours fails the step with a reason that can be reported; what runs after a failure still does. */
async function attempt(name: string, once: () => Promise<StepEnd>): Promise<StepEnd> {
  try {
    return await once();
  } catch (error) {
    const tail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const message = `The runner itself failed in the step "${name}".`;
    return { kind: "failed", failure: failureOf("runner", message, { tail }) };
  }
}

function judge(
  scope: Scope,
  options: StepOptions,
  end: Exclude<StepEnd, { kind: "not_started" }>,
): Judged {
  if (end.kind === "ok") return { outcome: "succeeded" };
  const { failure } = end;
  if (options.gates.length > 0) {
    const refused = ask(scope, options.gates);
    if (refused === undefined) return { outcome: "gated", failure };
    const message = `${failure.message} ${refused}`;
    return {
      outcome: "failed",
      failure: { ...failure, message: failureOf(failure.step, message).message },
    };
  }
  return { outcome: options.ignoreErrors ? "ignored" : "failed", failure };
}

async function settle(scope: Scope, judged: Judged): Promise<void> {
  switch (judged.outcome) {
    case "succeeded":
      return;
    case "failed":
      scope.failure ??= judged.failure;
      return;
    case "ignored":
      await scope.output.say(`${judged.failure.message} This step's errors are ignored.`);
      return;
    case "gated":
      await scope.output.say(`${judged.failure.message} It asks for an approval before the apply.`);
      return;
    default:
      unreachable(judged);
  }
}

function reportOf(
  options: StepOptions,
  recording: Recording,
  judged: Judged,
  durationMs: number,
): StepReport {
  const { name, visibleOn, format } = options;
  const succeeded = judged.outcome === "succeeded";
  const shown = options.text === "always" || (options.text === "unless_succeeded" && !succeeded);
  const said = shown ? recording.text().trimEnd() : "";
  const parts = succeeded ? [said] : [said, judged.failure.message];
  return {
    step: name,
    title: recording.title(),
    outcome: judged.outcome,
    visibleOn,
    format,
    text: parts.filter((part) => part !== "").join("\n"),
    exitCode: succeeded ? (recording.title() === "" ? null : 0) : judged.failure.exitCode,
    durationMs,
  };
}
