import { completeMatches, completeQuery } from "./complete-query.ts";
import type { ApplyRequirement, ApplyRequirements } from "./config.ts";
import type { RawApplyRequirements } from "./raw.ts";
import type { RawApplyRequirement } from "./schema/apply-requirements.ts";

export function completeApplyRequirements(
  raw: RawApplyRequirements | null | undefined,
): ApplyRequirements {
  return {
    createPendingApplyCheck: raw?.create_pending_apply_check ?? true,
    createCompletedApplyCheckOnNoop: raw?.create_completed_apply_check_on_noop ?? false,
    checks: (raw?.checks ?? [{ tag_query: "" }]).map(completeCheck),
  };
}

function completeCheck(raw: RawApplyRequirement): ApplyRequirement {
  return {
    tagQuery: completeQuery(raw.tag_query),
    approved: {
      enabled: raw.approved?.enabled ?? false,
      allOf: completeMatches(raw.approved?.all_of),
      anyOf: completeMatches(raw.approved?.any_of),
      anyOfCount: raw.approved?.any_of_count ?? 1,
      requireCompletedReviews: raw.approved?.require_completed_reviews ?? false,
    },
    mergeConflicts: { enabled: raw.merge_conflicts?.enabled ?? true },
    statusChecks: {
      enabled: raw.status_checks?.enabled ?? true,
      ignoreMatching: raw.status_checks?.ignore_matching ?? [],
    },
    applyAfterMerge: { enabled: raw.apply_after_merge?.enabled ?? false },
    requireReadyForReviewPr: raw.require_ready_for_review_pr ?? true,
  };
}
