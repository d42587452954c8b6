import * as z from "zod/mini";
import { GATE_TERMS_MAX, GATES_MAX, type Gate, type WorkStep } from "../../contract/step.ts";
import { findProgram } from "../process.ts";
import { OK, type Scope, type StepEnd } from "../scope.ts";
import { expandArgv, expandEnv } from "../template.ts";
import { failureOf } from "../text.ts";
import { runTool, toolFailure } from "../tool.ts";
import { ask } from "./ask.ts";
import { missingVariable } from "./engine-args.ts";

const ANSWER_CHARS_MAX = 1_000_000;
const EXPECTED = 'Expected {"gates": [{"token", "name", "all_of", "any_of", "any_of_count"}]}.';

const Term = z.string().check(z.minLength(1), z.maxLength(255));
const Terms = z._default(z.array(Term).check(z.maxLength(GATE_TERMS_MAX)), []);
const Name = z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(255))));

const Answer = z.strictObject({
  gates: z
    .array(
      z.strictObject({
        token: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(100)))),
        name: Name,
        all_of: Terms,
        any_of: Terms,
        any_of_count: z._default(z.int().check(z.gte(0), z.lte(GATE_TERMS_MAX)), 1),
        add_reviewers: z._default(z.boolean(), true),
      }),
    )
    .check(z.maxLength(GATES_MAX)),
});

/**
 * Runs a program that prints which approvals are needed. Whatever is not a clear answer fails: a
 * program that crashed has not said that nobody needs to approve.
 */
export async function gatesStep(
  scope: Scope,
  step: Extract<WorkStep, { type: "gates" }>,
): Promise<StepEnd> {
  const env = expandEnv(step.env, scope.env);
  if (env.kind === "missing") return missingVariable("gates", env.name);
  const argv = expandArgv(step.cmd, env.env);
  if (argv.kind === "missing") return missingVariable("gates", argv.name);
  const [name, ...args] = argv.argv;
  const program =
    name === undefined || name === "" ? undefined : await findProgram(name, env.env, scope.path);
  if (name === undefined || program === undefined) {
    return failed(
      `The program "${name ?? ""}" was not found, so nobody knows which approvals are needed. Install it in the CI job, or correct the step.`,
    );
  }
  const run = await runTool(scope, {
    program,
    label: name,
    args,
    env: env.env,
  });
  if (!run.succeeded) {
    const failure = toolFailure(scope, "gates", name, { ended: run.ended, tail: run.text() });
    const message = `${failure.message} So nobody knows which approvals are needed.`;
    return { kind: "failed", failure: { ...failure, message } };
  }
  const read = readGates(run.stdout());
  if (read.kind === "unreadable") {
    return failed(`What "${name}" printed cannot be read: ${read.because} ${EXPECTED}`);
  }
  const masked = read.gates.map((gate) => ({
    ...gate,
    name: gate.name === null ? null : scope.job.masker.mask(gate.name),
  }));
  const refused = ask(scope, masked);
  return refused === undefined ? OK : failed(refused);
}

export type ReadGates =
  | { readonly kind: "ok"; readonly gates: readonly Gate[] }
  | { readonly kind: "unreadable"; readonly because: string };

/** The answer of a gates program, strictly: a misspelt key would be an approval that nobody asks for. */
export function readGates(answer: string): ReadGates {
  if (answer.trim() === "") {
    return unreadable('it is empty; where no approval is needed, print {"gates": []}.');
  }
  if (answer.length > ANSWER_CHARS_MAX) {
    return unreadable(`it has more than ${ANSWER_CHARS_MAX} characters.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return unreadable("it is not JSON.");
  }
  const parsed = Answer.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join(".") ?? "";
    return unreadable(`${place === "" ? "" : `${place}: `}${issue?.message ?? "unknown"}.`);
  }
  const gates = parsed.data.gates.map((gate) => ({
    token: gate.token ?? null,
    name: gate.name ?? null,
    allOf: gate.all_of,
    anyOf: gate.any_of,
    anyOfCount: gate.any_of_count,
    addReviewers: gate.add_reviewers,
  }));
  return { kind: "ok", gates };
}

function unreadable(because: string): ReadGates {
  return { kind: "unreadable", because };
}

function failed(message: string): StepEnd {
  return { kind: "failed", failure: failureOf("gates", message) };
}
