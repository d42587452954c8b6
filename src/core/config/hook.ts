import type {
  DriftCreateIssueStep,
  EnvExecStep,
  EnvSourceStep,
  GatesStep,
  OidcStep,
  RunStep,
  SlackStep,
  WebhookStep,
} from "./step.ts";

/** What runs once per run, before and after the dirspaces, in the root of the repository. */
export interface Hooks {
  readonly all: HookLists;
  readonly plan: HookLists;
  readonly apply: HookLists;
}

export interface HookLists {
  readonly pre: readonly Hook[];
  readonly post: readonly Hook[];
}

export type Hook =
  | RunStep
  | EnvExecStep
  | EnvSourceStep
  | OidcStep
  | DriftCreateIssueStep
  | GatesStep
  | SlackStep
  | WebhookStep;
