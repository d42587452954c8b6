import { z } from "zod";
import { type AccountId, type CommitSha, parseCommitSha } from "../../core/ids.ts";

/** Only what is used: GitLab adds and renames, and what is not read cannot break. */

/** Ids are numbers on the wire and text with us. */
export const id = z.union([z.number().int(), z.bigint()]).transform(String);

export const sha = z.string().transform((text, context): CommitSha => {
  const parsed = parseCommitSha(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "no commit id" });
  return z.NEVER;
});

/** A commit that is not there comes as null or as an empty text. */
const maybeSha = z
  .string()
  .nullish()
  .transform((text): CommitSha | undefined => parseCommitSha(text ?? ""));

export const account = z
  .object({ id, username: z.string() })
  .transform(({ id: accountId, username }) => ({ id: accountId as AccountId, login: username }));

export const selfSchema = z.object({ id });

export const projectSchema = z.object({
  id,
  path_with_namespace: z.string(),
  // Null where nothing was ever pushed.
  default_branch: z.string().nullish(),
  merge_method: z.string().nullish(),
});

export const mergeRequestSchema = z.object({
  iid: z.number().int(),
  title: z.string(),
  state: z.enum(["opened", "closed", "locked", "merged"]),
  draft: z.boolean(),
  author: account,
  source_branch: z.string(),
  target_branch: z.string(),
  // Null once the fork is deleted.
  source_project_id: id.nullish(),
  target_project_id: id,
  sha: maybeSha,
  diff_refs: z.object({ base_sha: maybeSha, head_sha: maybeSha, start_sha: maybeSha }).nullish(),
  merge_commit_sha: maybeSha,
  squash_commit_sha: maybeSha,
  merged_at: z.string().nullish(),
  has_conflicts: z.boolean().nullish(),
  merge_status: z.string().nullish(),
  detailed_merge_status: z.string().nullish(),
  reviewers: z.array(account).nullish(),
  web_url: z.string(),
});

export type MergeRequestData = z.infer<typeof mergeRequestSchema>;

export const mergeRequestListSchema = z.array(
  z.object({ iid: z.number().int(), created_at: z.string(), sha: maybeSha }),
);

export const approvalsSchema = z.object({
  approved_by: z.array(z.object({ user: account, approved_at: z.string().nullish() })),
  /** Of paid tiers only. */
  approvals_left: z.number().int().nullish(),
});

export const reviewerListSchema = z.array(z.object({ user: account, state: z.string() }));

export const versionListSchema = z.array(
  z.object({ head_commit_sha: maybeSha, created_at: z.string() }),
);

export const branchSchema = z.object({ commit: z.object({ id: sha }) });

export const commitSchema = z.object({
  id: sha,
  parent_ids: z.array(sha).nullish(),
  message: z.string().nullish(),
});

export const openedSchema = z.object({ iid: z.number().int(), web_url: z.string() });

export const openedListSchema = z.array(openedSchema);

export const treeSchema = z.array(
  z.object({ id: z.string(), type: z.string(), path: z.string(), mode: z.string() }),
);

export const comparisonSchema = z.object({
  diffs: z.array(
    z.object({
      old_path: z.string(),
      new_path: z.string(),
      new_file: z.boolean(),
      renamed_file: z.boolean(),
      deleted_file: z.boolean(),
    }),
  ),
  /** The list was cut. */
  compare_timeout: z.boolean().nullish(),
});

export const memberSchema = z.object({
  access_level: z.number().int(),
  state: z.string().nullish(),
  membership_state: z.string().nullish(),
  /** A day, in UTC, at whose beginning it is over. */
  expires_at: z.string().nullish(),
});

export const noteSchema = z.object({
  id,
  body: z.string(),
  system: z.boolean().nullish(),
  author: account,
  created_at: z.string(),
});

export const noteListSchema = z.array(noteSchema);

export const awardListSchema = z.array(z.object({ name: z.string(), user: account }));

export const statusSchema = z.object({
  id,
  name: z.string(),
  status: z.string(),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
  allow_failure: z.boolean().nullish(),
  author: account.nullish(),
});

export const statusListSchema = z.array(statusSchema);

export type StatusData = z.infer<typeof statusSchema>;

export const issueListSchema = z.array(
  z.object({ iid: z.number().int(), description: z.string().nullish(), author: account.nullish() }),
);

export const userListSchema = z.array(account);
