import { z } from "zod";
import type { AccountId } from "../../core/ids.ts";
import { GHOST, sha } from "./schema.ts";

/**
 * What webhooks say, as far as it is used. Whoever has the secret can say anything, so that text is no longer than at
 * GitHub, says something on one line, and numbers fit where they are stored.
 */

const id = z.number().int().positive().transform(String);
const number = z.number().int().positive().max(2_147_483_647);
// GitHub's own names are shorter: 100 characters each.
const fullName = z.string().regex(/^[\w.-]{1,150}\/[\w.-]{1,150}$/);
const line = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u);
/** GitHub takes 65,536 characters. */
const COMMENT_CHARS_MAX = 262_144;

const user = z
  .object({ id, login: line })
  .transform((found) => ({ id: found.id as AccountId, login: found.login }));

/** What every webhook that we act on has. */
export const envelopeSchema = z.object({
  action: z.string().nullish(),
  installation: z.object({ id }).nullish(),
  repository: z.object({ id, full_name: fullName, default_branch: line }).nullish(),
});

const numbered = z.object({ number });
/** Where a delivery names a pull request, whatever kind it is of. */
export const aboutSchema = z.object({
  number: number.optional(),
  issue: numbered.optional(),
  pull_request: numbered.optional(),
});

export const pullRequestHookSchema = numbered;

export const commentHookSchema = z.object({
  issue: z.object({
    number,
    // Only pull requests have it: issues come by the same event.
    pull_request: z.object({}).optional(),
  }),
  comment: z.object({
    id,
    body: z.string().max(COMMENT_CHARS_MAX),
    user: user.nullable().transform((found) => found ?? GHOST),
    performed_via_github_app: z.object({ id }).nullish(),
  }),
});

export const reviewHookSchema = z.object({ pull_request: numbered });

export const pushHookSchema = z.object({
  ref: line,
  after: z.string(),
  deleted: z.boolean().default(false),
});

const pulls = z.array(numbered);

export const checkHookSchema = z.object({
  check_run: z.object({
    name: z.string(),
    head_sha: sha,
    external_id: z.string().nullish(),
    app: z.object({ id }).nullish(),
    pull_requests: pulls,
  }),
  requested_action: z.object({ identifier: z.string() }).nullish(),
  sender: user,
});

export const suiteHookSchema = z.object({
  check_suite: z.object({
    head_sha: sha,
    app: z.object({ id }).nullish(),
    pull_requests: pulls,
  }),
  sender: user,
});

export const runHookSchema = z.object({ workflow_run: z.object({ id }) });

export const jobHookSchema = z.object({ workflow_job: z.object({ run_id: id }) });

export const mergeGroupHookSchema = z.object({
  action: z.enum(["checks_requested", "destroyed"]),
  reason: z.enum(["merged", "invalidated", "dequeued"]).optional(),
  merge_group: z.object({ head_sha: sha, head_ref: line, base_sha: sha, base_ref: line }),
});

const listed = z
  .array(z.object({ id }))
  .max(100_000)
  .nullish()
  .transform((list) => list ?? []);

export const installationHookSchema = z.object({
  installation: z.object({ id }),
  repositories: listed,
  repositories_added: listed,
  repositories_removed: listed,
});

export const repositoryHookSchema = z.object({
  installation: z.object({ id }).nullish(),
  repository: z.object({ id }),
});
