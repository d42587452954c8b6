import { z } from "zod";
import { filePattern, optional, strict, tagQuery } from "./helpers.ts";

/** The same shape for the repository, a directory and a workspace; each field is inherited alone. */
export const whenModified = strict({
  file_patterns: optional(z.array(filePattern)),
  autoplan: optional(z.boolean()),
  autoplan_draft_pr: optional(z.boolean()),
  autoapply: optional(z.boolean()),
  depends_on: optional(
    z.union([tagQuery, strict({ tag_query: tagQuery, prune_on_no_change: optional(z.boolean()) })]),
  ),
});

export type RawWhenModified = z.infer<typeof whenModified>;
