import { z } from "zod";
import { optional, strict, tagQuery } from "./helpers.ts";

const policy = strict({
  tag_query: tagQuery,
  comment_strategy: optional(z.enum(["append", "delete", "minimize"])),
});

export const notifications = strict({
  policies: optional(z.array(policy)),
  summary: optional(strict({ enabled: optional(z.boolean()) })),
});
