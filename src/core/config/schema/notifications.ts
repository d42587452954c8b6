import { z } from "zod";
import { count, optional, strict, tagQuery } from "./helpers.ts";

const policy = strict({
  tag_query: tagQuery,
  comment_strategy: optional(z.enum(["append", "delete", "minimize"])),
});

export const notifications = strict({
  policies: optional(z.array(policy)),
  summary: optional(strict({ enabled: optional(z.boolean()) })),
  dirspace_checks: optional(strict({ enabled: optional(z.boolean()), max: optional(count) })),
  statuses: optional(
    strict({
      enabled: optional(z.boolean()),
      // Names that are ours whatever a change says: with any other one it could write over the checks of others.
      name: optional(z.enum(["terrane", "terrateam"])),
    }),
  ),
  labels: optional(strict({ enabled: optional(z.boolean()) })),
});
