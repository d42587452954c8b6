import type { WorkStep } from "../../contract/step.ts";
import { maskCommandsIn, withoutMaskCommands } from "../mask-command.ts";
import { type Captured, capture, findProgram } from "../process.ts";
import { OK, type Scope, type StepEnd } from "../scope.ts";
import { expandArgv } from "../template.ts";
import { failureOf } from "../text.ts";
import { toolFailure } from "../tool.ts";
import { missingVariable } from "./engine-args.ts";

type EnvStep = Extract<WorkStep, { type: "env" }>;

const OUTPUT_CHARS_MAX = 8_000_000;
/** Bash's own, which say nothing about what the script set. */
const SHELL_VARIABLES = ["_", "OLDPWD", "PWD", "SHLVL"];
/** The script's own words go to stderr, so that nothing mixes with the environment on stdout. */
const SOURCE_SCRIPT = 'set -e -u; source "$@" 1>&2; env -0';

/** Sets variables for the steps after it, from a program's output or from a script that is sourced. */
export async function envStep(state: Scope, step: EnvStep): Promise<StepEnd> {
  const argv = expandArgv(step.cmd, state.env);
  if (argv.kind === "missing") return missingVariable("env", argv.name);
  const [name, ...args] = argv.argv;
  if (name === undefined || name === "") return failed("The step has no command.");
  return step.method === "exec"
    ? await fromOutput(state, step, name, args)
    : await fromScript(state, step, [name, ...args]);
}

async function fromOutput(
  state: Scope,
  step: EnvStep,
  name: string,
  args: readonly string[],
): Promise<StepEnd> {
  const variable = step.name ?? "";
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    return failed(`"${variable}" cannot be the name of a variable.`);
  }
  const run = await started(state, name, args);
  if (run === undefined) return notFound(name);
  state.job.masker.addAll(maskCommandsIn(run.stdout));
  const said = withoutMaskCommands(run.stdout);
  const value = step.trimTrailingNewlines ? said.replace(/[\r\n]+$/, "") : said;
  if (step.sensitive) state.job.masker.add(value);
  return await settled(state, name, run, { ...state.env, [variable]: value });
}

async function fromScript(state: Scope, step: EnvStep, argv: readonly string[]): Promise<StepEnd> {
  const run = await started(state, "bash", ["-c", SOURCE_SCRIPT, "bash", ...argv]);
  if (run === undefined) return notFound("bash");
  const env = parseEnv(run.stdout);
  if (step.sensitive) {
    for (const [name, value] of Object.entries(env)) {
      if (state.env[name] !== value) state.job.masker.add(value);
    }
  }
  const complete = run.stdout.endsWith("\0");
  if (!complete && run.ended.kind === "exited" && run.ended.code === 0) {
    return failed(`The script "${argv[0] ?? ""}" ended the shell; it must return instead of exit.`);
  }
  return await settled(state, `source ${argv[0] ?? ""}`, run, env);
}

/** Shows what was said only now, when a sensitive value can be masked. */
async function settled(
  state: Scope,
  label: string,
  run: Captured,
  env: Record<string, string>,
): Promise<StepEnd> {
  await state.output.command(`env: ${label}`);
  if (run.stderr !== "") await state.output.say(run.stderr.trimEnd());
  if (run.ended.kind !== "exited" || run.ended.code !== 0) {
    const failure = toolFailure(state, "env", label, { ended: run.ended, tail: run.stderr });
    return { kind: "failed", failure };
  }
  if (run.overflow) return failed(`"${label}" wrote more than ${OUTPUT_CHARS_MAX} characters.`);
  state.env = env;
  return OK;
}

async function started(
  state: Scope,
  name: string,
  args: readonly string[],
): Promise<Captured | undefined> {
  const { job, path, env } = state;
  const program = await findProgram(name, env, path);
  if (program === undefined) return undefined;
  return await capture(
    { program, args, cwd: path, env, protect: false },
    { stop: job.stop, graceMs: job.graceMs, charsMax: OUTPUT_CHARS_MAX },
  );
}

function parseEnv(dump: string): Record<string, string> {
  const entries = dump.split("\0").flatMap((entry): [string, string][] => {
    const at = entry.indexOf("=");
    const name = entry.slice(0, at);
    return at > 0 && !SHELL_VARIABLES.includes(name) ? [[name, entry.slice(at + 1)]] : [];
  });
  return Object.fromEntries(entries);
}

function notFound(name: string): StepEnd {
  return failed(
    `The program "${name}" was not found. Install it in the CI job, or correct the step.`,
  );
}

function failed(message: string): StepEnd {
  return { kind: "failed", failure: failureOf("env", message) };
}
