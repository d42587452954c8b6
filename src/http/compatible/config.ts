import { unreachable } from "../../base/unreachable.ts";
import type { ResolvedWorkflow } from "../../core/change/affected.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { Json } from "../../core/config/json.ts";
import type { PlanStorage } from "../../core/config/storage.ts";
import type { ClaimedRun } from "../../ports/runner-store.ts";
import { type Approved, approvedByAll } from "./approved.ts";
import { said, writtenEngine, writtenSteps } from "./config-steps.ts";

export interface DerivedConfig {
  readonly config: Json;
  /** Which entry of its `workflows` a dirspace is worked on with. */
  readonly workflowOf: ReadonlyMap<DirspaceKey, number>;
}

/**
 * The configuration for an existing runner, in version 1 of the language. It is made from what was decided when the run
 * started and holds no more than the run needs, so that the job can do nothing else.
 */
export function derivedConfig(run: ClaimedRun): DerivedConfig {
  const workflows: Json[] = [];
  const indexes = new Map<string, number>();
  const workflowOf = new Map<DirspaceKey, number>();
  for (const { dirspace, affected, plan } of run.units) {
    const approved = run.kind === "plan" ? "plan" : (plan?.gates ?? []);
    const written = writtenWorkflow(affected.workflow, approved);
    const text = JSON.stringify(written);
    const index = indexes.get(text) ?? workflows.push(written) - 1;
    indexes.set(text, index);
    workflowOf.set(dirspace, index);
  }
  return { config: configWith(run, workflows), workflowOf };
}

function configWith(run: ClaimedRun, workflows: Json[]): Json {
  const { settings, kind } = run;
  const approved = kind === "plan" ? "plan" : approvedByAll(run.units);
  const hooks = {
    pre: writtenSteps(settings?.hooks.pre ?? [], approved),
    post: writtenSteps(settings?.hooks.post ?? [], approved),
  };
  const none = { pre: [], post: [] };
  return {
    version: "1",
    enabled: true,
    checkout_strategy: settings?.checkoutStrategy ?? "merge",
    // It would read two commits before every plan and ask a service that is not here.
    cost_estimation: { enabled: false },
    create_and_select_workspace: true,
    dirs: dirs(run),
    hooks: {
      all: none,
      plan: kind === "plan" ? hooks : none,
      apply: kind === "apply" ? hooks : none,
    },
    indexer: { enabled: run.prepares.includes("index") },
    parallel_runs: run.parallel,
    storage: { plans: writtenStorage(settings?.storage ?? { method: "server" }) },
    workflows,
  };
}

function writtenWorkflow(
  { engine, plan, apply, environment }: ResolvedWorkflow,
  approved: Approved,
): Json {
  return {
    tag_query: "",
    engine: writtenEngine(engine),
    plan: writtenSteps(plan, approved),
    apply: writtenSteps(apply, approved),
    ...said({ environment }),
  };
}

function dirs({ units }: ClaimedRun): Json {
  return Object.fromEntries(
    units.map(({ affected }) => [
      affected.dirspace.dir,
      { create_and_select_workspace: affected.createAndSelectWorkspace },
    ]),
  );
}

function writtenStorage(storage: PlanStorage): Json {
  switch (storage.method) {
    case "server":
      return { method: "terrateam" };
    case "cmd":
      return {
        method: "cmd",
        store: [...storage.store],
        fetch: [...storage.fetch],
        ...said({ delete: storage.delete }),
      };
    case "s3":
      return {
        method: "s3",
        bucket: storage.bucket,
        region: storage.region,
        ...said({
          path: storage.path,
          access_key_id: storage.accessKeyId,
          secret_access_key: storage.secretAccessKey,
        }),
        delete_used_plans: storage.deleteUsedPlans,
        store_extra_args: [...storage.storeExtraArgs],
        fetch_extra_args: [...storage.fetchExtraArgs],
        delete_extra_args: [...storage.deleteExtraArgs],
      };
    default:
      return unreachable(storage);
  }
}
