import type { Command } from "./engine.ts";
import type { Json } from "./json.ts";
import type { Match } from "./match.ts";

/** One step of a workflow's `plan` or `apply` list, with its defaults filled in. */
export type Step =
  | InitStep
  | PlanStep
  | ApplyStep
  | RunStep
  | EnvExecStep
  | EnvSourceStep
  | UnsupportedStep;

export type Env = Readonly<Record<string, string>>;

export interface InitStep {
  readonly type: "init";
  readonly env: Env;
  readonly extraArgs: Command;
}

export interface PlanStep {
  readonly type: "plan";
  readonly env: Env;
  readonly extraArgs: Command;
  readonly mode: "strict" | "fast-and-loose";
}

export interface ApplyStep {
  readonly type: "apply";
  readonly env: Env;
  readonly extraArgs: Command;
  readonly retry: Retry;
}

export interface Retry {
  readonly enabled: boolean;
  readonly tries: number;
  readonly initialSleepSeconds: number;
  readonly backoff: number;
}

export interface RunStep {
  readonly type: "run";
  readonly cmd: Command;
  readonly env: Env;
  readonly captureOutput: boolean;
  readonly format: OutputFormat;
  readonly ignoreErrors: boolean;
  readonly onError: readonly Gate[];
  readonly runOn: RunOn;
  readonly visibleOn: RunOn;
}

export type RunOn = "success" | "failure" | "always";

export type OutputFormat =
  | { readonly type: "code"; readonly lang?: string }
  | { readonly type: "raw" }
  | { readonly type: "markdown" };

/** Asks for approval before an apply, raised by a step that failed. */
export interface Gate {
  readonly allOf: readonly Match[];
  readonly anyOf: readonly Match[];
  readonly anyOfCount: number;
  readonly name?: string;
  readonly token?: string;
}

export interface EnvExecStep {
  readonly type: "env";
  readonly method: "exec";
  readonly name: string;
  readonly cmd: Command;
  readonly sensitive: boolean;
  readonly trimTrailingNewlines: boolean;
}

export interface EnvSourceStep {
  readonly type: "env";
  readonly method: "source";
  readonly cmd: Command;
  readonly sensitive: boolean;
}

/**
 * A step of the language that this version cannot run yet. It stays in the list so that the runner
 * fails on it: to skip a policy check in silence would let through what it was written to stop.
 */
export interface UnsupportedStep {
  readonly type: "unsupported";
  readonly name: "oidc" | "checkov" | "conftest" | "opa" | "gates" | "slack";
  readonly options: Json;
}
