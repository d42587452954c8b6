import { z } from "zod";
import type { Json } from "../json.ts";
import { engine } from "./engine.ts";
import { optional, strict, tagQuery } from "./helpers.ts";
import { integrations } from "./integrations.ts";
import { step } from "./steps.ts";

export const workflow = strict({
  tag_query: tagQuery,
  plan: optional(z.array(step)),
  apply: optional(z.array(step)),
  engine: optional(engine),
  environment: optional(z.string()),
  integrations: optional(integrations),
  lock_policy: optional(z.enum(["strict", "apply", "merge", "none"])),
  // The document is JSON already, so there is nothing that could be refused.
  runs_on: z.custom<Json>(() => true).optional(),
  terraform_version: optional(z.string()),
  terragrunt: optional(z.boolean()),
  cdktf: optional(z.boolean()),
});

export type WorkflowInput = z.infer<typeof workflow>;
