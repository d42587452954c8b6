import { z } from "zod";
import { filePath, matchList, optional, strict, tagQuery } from "./helpers.ts";

const policy = strict({
  tag_query: tagQuery,
  plan: optional(matchList),
  apply: optional(matchList),
  apply_autoapprove: optional(matchList),
  apply_force: optional(matchList),
  apply_with_superapproval: optional(matchList),
  superapproval: optional(matchList),
});

export const accessControl = strict(
  {
    enabled: optional(z.boolean()),
    apply_require_all_dirspace_access: optional(z.boolean()),
    plan_require_all_dirspace_access: optional(z.boolean()),
    terrateam_config_update: optional(matchList),
    ci_config_update: optional(matchList),
    unlock: optional(matchList),
    files: optional(z.record(filePath, matchList)),
    policies: optional(z.array(policy)),
  },
  // `ci_config_update` is spelt more like it, and guards something else.
  { synonyms: { config_update: "terrateam_config_update" } },
);

export type RawAccessControl = z.infer<typeof accessControl>;
export type RawAccessPolicy = z.infer<typeof policy>;
