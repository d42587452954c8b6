import type { ChangeCounts, ResourceChange } from "../../contract/work.ts";
import type { Env } from "../process.ts";
import type { ToolCall } from "../tool.ts";
import type { Applied, StepEnd, UnitState } from "../unit-state.ts";

/** What a step of the workflow adds to a command of the engine, with `$NAME` replaced already. */
export interface EngineStep {
  readonly args: readonly string[];
  readonly env: Env;
}

export type StepFailed = Extract<StepEnd, { kind: "failed" }>;

export type EnginePlan =
  | {
      readonly kind: "planned";
      readonly changed: boolean;
      readonly counts: ChangeCounts;
      readonly changes: ResourceChange[];
      /** For people; masked by the caller. */
      readonly text: string;
      /** Sensitive values that the plan file holds, sealed together with it. */
      readonly secrets: readonly string[];
    }
  | StepFailed;

/** What a plan says about itself, read once and kept in a file for every tool that wants it. */
export type PlanDocument =
  | { readonly kind: "ok"; readonly document: unknown; readonly file: string }
  /** This engine has no such thing. */
  | { readonly kind: "none" }
  | StepFailed;

export interface EnginePlanStep extends EngineStep {
  readonly mode: "strict" | "fast-and-loose";
}

/**
 * What plans and applies a unit. Every engine leaves its plan in `state.planFile`, and applies from there:
 * what was reviewed is a file, whatever made it.
 */
export interface Engine {
  /** What people call it, before its arguments. */
  readonly label: string;
  /** Variables of every step of the unit. */
  readonly environment: Env;
  readonly init: (state: UnitState, step: EngineStep) => Promise<StepEnd>;
  readonly plan: (state: UnitState, step: EnginePlanStep) => Promise<EnginePlan>;
  /** The plan file as JSON. */
  readonly showJson: (state: UnitState, env: Env) => Promise<PlanDocument>;
  /** What applies the plan file; `nothing` where the engine has no such command. */
  readonly apply: (state: UnitState, step: EngineStep) => EngineApply | Promise<EngineApply>;
  /** After an apply; values that are sensitive are learnt for masking and not given out. */
  readonly outputs: (state: UnitState, env: Env) => Promise<Applied["outputs"]>;
}

export type EngineApply =
  | { readonly kind: "call"; readonly call: ToolCall }
  | { readonly kind: "nothing" }
  | StepFailed;
