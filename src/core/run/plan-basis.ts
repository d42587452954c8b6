import { unreachable } from "../../base/unreachable.ts";
import type { Affected } from "../change/affected.ts";
import type { Config } from "../config/config.ts";
import type { Path } from "../config/places.ts";
import { digestOf } from "../digest.ts";
import { runSettings } from "./settings.ts";

/**
 * What the configuration says that a plan is made from, each key by its digest. It is kept with the plan: where one of
 * them is another one later, the plan is not what would be made now (S10). What an apply does beside carrying out the
 * plan, who may do it, and what locks it takes is not among them: that is read when it happens.
 */
export type PlanBasis = Readonly<Record<BasisKey, string>>;

export type BasisKey =
  | "engine"
  | "plan"
  | "environment"
  | "runs_on"
  | "integrations"
  | "create_and_select_workspace"
  | "variables"
  | "checkout_strategy"
  | "hooks";

export function basisOf(affected: Affected, config: Config): PlanBasis {
  const { workflow, stack, createAndSelectWorkspace } = affected;
  return {
    engine: nameOf(workflow.engine),
    plan: nameOf(workflow.plan),
    environment: nameOf(workflow.environment),
    runs_on: nameOf(workflow.runsOn),
    integrations: nameOf(workflow.integrations),
    create_and_select_workspace: nameOf(createAndSelectWorkspace),
    variables: nameOf(stack.variables),
    checkout_strategy: nameOf(config.checkoutStrategy),
    hooks: nameOfHooks(config),
  };
}

/** Which keys are others now. What an older server noted has fewer of them, and says nothing about the rest. */
export function changedKeys(
  before: Partial<PlanBasis>,
  affected: Affected,
  config: Config,
): readonly BasisKey[] {
  const now = Object.entries(basisOf(affected, config)) as readonly [BasisKey, string][];
  return now
    .filter(([key, name]) => before[key] !== undefined && before[key] !== name)
    .map(([key]) => key);
}

/** Where somebody would write the key for this dirspace. */
export function pathOfKey(key: BasisKey, { workflow, stack, dirspace }: Affected): Path {
  const entry = workflow.index === undefined ? [] : ["workflows", workflow.index];
  switch (key) {
    case "plan":
    case "environment":
    case "runs_on":
      return workflow.index === undefined ? ["workflows"] : [...entry, key];
    case "engine":
    case "integrations":
      return [...entry, key];
    case "create_and_select_workspace":
      return ["dirs", dirspace.dir, key];
    case "variables":
      return ["stacks", "names", stack.name, key];
    case "checkout_strategy":
    case "hooks":
      return [key];
    default:
      return unreachable(key);
  }
}

/** Parts of one configuration are shared by all dirspaces and by all events: each is written out once. */
const known = new WeakMap<object, string>();

/** Plain values that are remembered at once; when there are more, all are forgotten. */
const PLAIN_MAX = 1_000;
/** Names of environments and switches: a few, which every dirspace has. */
const plain = new Map<unknown, string>();

function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return nameOfPlain(value ?? null);
  const name = known.get(value) ?? digestOf(value);
  known.set(value, name);
  return name;
}

function nameOfPlain(value: unknown): string {
  const name = plain.get(value) ?? digestOf(value);
  if (plain.size >= PLAIN_MAX) plain.clear();
  plain.set(value, name);
  return name;
}

function nameOfHooks(config: Config): string {
  const name = known.get(config.hooks) ?? nameOf(runSettings(config, "plan").hooks);
  known.set(config.hooks, name);
  return name;
}
