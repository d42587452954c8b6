import { expandArgv, expandEnv } from "../template.ts";
import { failureOf } from "../text.ts";
import type { StepEnd, UnitState } from "../unit-state.ts";

export type EngineArgs =
  | {
      readonly kind: "ok";
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | Extract<StepEnd, { kind: "failed" }>;

/** The extra arguments and variables of a step, with `$NAME` replaced. */
export function engineArgs(
  state: UnitState,
  name: string,
  step: {
    readonly extraArgs: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
): EngineArgs {
  const env = expandEnv(step.env, state.env);
  if (env.kind === "missing") return missingVariable(name, env.name);
  const args = expandArgv(step.extraArgs, env.env);
  if (args.kind === "missing") return missingVariable(name, args.name);
  return { kind: "ok", args: args.argv, env: env.env };
}

/** The first words are documented; scripts look for them. */
export function missingVariable(step: string, name: string): Extract<StepEnd, { kind: "failed" }> {
  const message =
    `ERROR: Missing environment variable: ${name}. Set it in the CI job or in an env step before this one; ` +
    "write $$ for a dollar sign.";
  return { kind: "failed", failure: failureOf(step, message) };
}
