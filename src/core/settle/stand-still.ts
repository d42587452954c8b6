import type { Draft } from "../draft.ts";
import { isActive } from "../run/run.ts";
import { type Unserved, unservedText } from "../standing.ts";
import { abandonPlan } from "./supersede.ts";

/**
 * Where we are not served nothing can be started, stopped or said. What has no grant ends now, and gets none; what has one
 * is applying, and only its own word ends it (S3). Locks stay as they are: what was applied is applied.
 */
export function standStill(draft: Draft, unserved: Unserved): void {
  for (const run of draft.now().runs) {
    const applies = run.works.some(({ state }) => state === "granted" || state === "unknown");
    if (!isActive(run) || applies) continue;
    abandonPlan(draft, run, "cancelled", unservedText(unserved));
    draft.because({ code: "run_cancelled", runId: run.id });
  }
  draft.because({ code: "not_served", ...unserved });
}
