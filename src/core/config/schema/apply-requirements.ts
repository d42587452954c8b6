import { z } from "zod";
import { count, matchList, optional, strict, tagQuery } from "./helpers.ts";

const enabled = optional(strict({ enabled: optional(z.boolean()) }));

const approvedKeys = {
  enabled: optional(z.boolean()),
  all_of: optional(matchList),
  any_of: optional(matchList),
  any_of_count: optional(count),
  require_completed_reviews: optional(z.boolean()),
};

const statusChecks = optional(
  strict({
    enabled: optional(z.boolean()),
    ignore_matching: optional(z.array(z.string())),
  }),
);

const check = strict({
  tag_query: tagQuery,
  approved: optional(strict(approvedKeys)),
  merge_conflicts: enabled,
  status_checks: statusChecks,
  apply_after_merge: enabled,
  require_ready_for_review_pr: optional(z.boolean()),
});

/** The older form: one requirement for everything, and `count` for `any_of_count`. */
const checksObject = strict({
  approved: optional(strict({ ...approvedKeys, count: optional(count) })),
  merge_conflicts: enabled,
  status_checks: statusChecks,
});

export const applyRequirements = strict({
  create_pending_apply_check: optional(z.boolean()),
  create_completed_apply_check_on_noop: optional(z.boolean()),
  checks: optional(z.union([z.array(check), checksObject])),
});

export type ApplyRequirementsInput = z.infer<typeof applyRequirements>;
export type RawApplyRequirement = z.infer<typeof check>;
