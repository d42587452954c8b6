import { z } from "zod";
import { optional, strict } from "../config/schema/helpers.ts";

const names = z.array(z.string());
const verdict = z.union([z.literal("allowed"), strict({ refused: z.union([z.string(), names]) })]);
const workflow = z.union([z.literal("default"), z.int().min(0)]);
const check = z.enum(["passed", "pending", "failed"]);

const given = strict({
  changed: z.union([z.string(), names]),
  author: optional(z.string()),
  actor: optional(z.string()),
  branch: optional(z.string()),
  dest_branch: optional(z.string()),
  state: optional(z.enum(["open", "merged", "closed"])),
  draft: optional(z.boolean()),
  fork: optional(z.boolean()),
  mergeable: optional(z.enum(["clean", "conflict", "unknown"])),
  approvals: optional(names),
  checks: optional(z.record(z.string(), check)),
  open_reviews: optional(names),
  time: optional(z.string()),
});

const expect = strict({
  affected: optional(names),
  order: optional(z.array(names)),
  workflow: optional(z.record(z.string(), workflow)),
  tags: optional(z.record(z.string(), names)),
  stack: optional(z.record(z.string(), z.string())),
  autoplan: optional(names),
  plan: optional(verdict),
  apply: optional(verdict),
  unlock: optional(verdict),
  drift: optional(names),
  invalid: optional(names),
});

/** A file of cases, exactly as it may be written. */
export const caseFileSchema = strict({
  tree: optional(z.union([z.string(), names])),
  default_branch: optional(z.string()),
  people: optional(
    z.record(
      z.string(),
      strict({
        role: optional(z.enum(["none", "read", "triage", "write", "maintain", "admin"])),
        teams: optional(names),
      }),
    ),
  ),
  cases: z.array(strict({ name: z.string().min(1), given, expect: optional(expect) })),
});

export type RawCaseFile = z.infer<typeof caseFileSchema>;
export type RawCase = RawCaseFile["cases"][number];
