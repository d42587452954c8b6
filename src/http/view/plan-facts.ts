import type { DestructiveView, PlannedWithView } from "../../contract/views.ts";
import type { PlanFacts, UnitReport } from "../../core/run/report.ts";

/** More are in the plan itself; a reader needs to see that there are any, and which. */
const DESTRUCTIVE_SHOWN_MAX = 200;
const PROVIDERS_SHOWN_MAX = 20;

/** What a plan destroys, for good or to make it anew: what a reviewer must not miss. */
export function destructiveOf(report: UnitReport | undefined): DestructiveView | undefined {
  if (report?.outcome !== "planned") return undefined;
  const found = report.changes.filter(({ action }) => action === "delete" || action === "replace");
  if (found.length === 0) return undefined;
  const changes = found
    .slice(0, DESTRUCTIVE_SHOWN_MAX)
    .map((change) => ({ ...change, replacePaths: [...change.replacePaths] }));
  return { total: found.length, changes };
}

/** With which tool and providers it was planned; undefined where the runner did not say. */
export function plannedWith(facts: PlanFacts | undefined): PlannedWithView | undefined {
  if (facts === undefined) return undefined;
  const { tool } = facts;
  // What is built into the tool has no version of its own.
  const providers = facts.providers.filter(({ version }) => version !== null);
  if (tool === null && providers.length === 0) return undefined;
  return { tool, providers: providers.slice(0, PROVIDERS_SHOWN_MAX).map((one) => ({ ...one })) };
}
