import type { Affected } from "../change/affected.ts";
import type { Config, CostEstimation } from "../config/config.ts";
import type { Hook } from "../config/hook.ts";
import type { PlanStorage } from "../config/storage.ts";
import { type ResultComments, resultComments } from "../notify/result-comments.ts";

/** What the configuration says about a run as a whole, fixed when it starts. */
export interface RunSettings {
  readonly hooks: { readonly pre: readonly Hook[]; readonly post: readonly Hook[] };
  readonly storage: PlanStorage;
  /** `checkout`: what the pull request's head holds, not what its merge would. */
  readonly checkoutStrategy: "merge" | "checkout";
  /** Absent from runs that began before it was known here. */
  readonly costEstimation?: CostEstimation;
  /** Which comments tell of its end; absent where no policy of the configuration asks for any. */
  readonly resultComments?: ResultComments;
}

/** Those of both kinds come first, also afterwards. */
export function runSettings(
  { hooks, storage, checkoutStrategy, costEstimation }: Config,
  kind: "plan" | "apply",
): RunSettings {
  const own = hooks[kind];
  return {
    hooks: { pre: [...hooks.all.pre, ...own.pre], post: [...hooks.all.post, ...own.post] },
    storage: storage.plans,
    checkoutStrategy,
    costEstimation,
  };
}

/** With what is said of its end, which decides nothing: a plan is as good as before where only that has changed. */
export function toldSettings(
  config: Config,
  kind: "plan" | "apply",
  affected: readonly Affected[],
): RunSettings {
  const comments = resultComments(config, affected);
  const settings = runSettings(config, kind);
  return comments === undefined ? settings : { ...settings, resultComments: comments };
}
