import { z } from "zod";
import { count, optional, strict, tagQuery } from "./helpers.ts";

/** With two checks each, as many as a branch can reasonably wait for. */
const DIRSPACE_CHECKS_MAX = 100;

const policy = strict({
  tag_query: tagQuery,
  comment_strategy: optional(z.enum(["append", "delete", "minimize"])),
});

export const notifications = strict({
  policies: optional(z.array(policy)),
  summary: optional(strict({ enabled: optional(z.boolean()) })),
  dirspace_checks: optional(
    // A change says how many writes it costs, and an hour of them is for everybody's.
    strict({ enabled: optional(z.boolean()), max: optional(count.max(DIRSPACE_CHECKS_MAX)) }),
  ),
  statuses: optional(
    strict({
      enabled: optional(z.boolean()),
      // Names that are ours whatever a change says: with any other one it could write over the checks of others.
      name: optional(z.enum(["terrane", "terrateam"])),
    }),
  ),
  labels: optional(strict({ enabled: optional(z.boolean()) })),
});
