import { z } from "zod";
import { type AccountId, type CommitSha, parseCommitSha } from "../../core/ids.ts";

/** Only what is used: GitHub adds and renames, and what is not read cannot break. */

/** Ids are numbers on the wire, bigints where they do not fit a number, and text with us. */
const id = z.union([z.number().int(), z.bigint()]).transform(String);

export const sha = z.string().transform((text, context): CommitSha => {
  const parsed = parseCommitSha(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "no commit id" });
  return z.NEVER;
});

/** Deleted accounts come as null; GitHub itself shows them as this one. */
export const GHOST = { id: "10137" as AccountId, login: "ghost" };

const account = z
  .object({ id, login: z.string() })
  .nullable()
  .transform((found) =>
    found === null ? GHOST : { id: found.id as AccountId, login: found.login },
  );

export const userSchema = z.object({ id, login: z.string() });

const side = z.object({
  ref: z.string(),
  sha,
  // Null once the fork is deleted.
  repo: z.object({ id, default_branch: z.string() }).nullable(),
});

export const pullSchema = z.object({
  number: z.number().int(),
  title: z.string(),
  state: z.enum(["open", "closed"]),
  draft: z.boolean().optional(),
  merged: z.boolean(),
  mergeable: z.boolean().nullable(),
  merge_commit_sha: sha.nullable(),
  merged_at: z.string().nullish(),
  user: account,
  head: side,
  base: side,
  html_url: z.string(),
});

export type Pull = z.infer<typeof pullSchema>;

export const pullListSchema = z.array(
  z.object({ number: z.number().int(), created_at: z.string(), head: z.object({ sha }) }),
);

export const closedListSchema = z.array(
  z.object({ number: z.number().int(), merged_at: z.string().nullable() }),
);

export const reviewListSchema = z.array(
  z.object({
    user: account,
    state: z.string(),
    commit_id: z.string().nullable(),
  }),
);

export const refSchema = z.object({ object: z.object({ sha }) });

export const treeSchema = z.object({
  truncated: z.boolean(),
  tree: z.array(
    z.object({
      path: z.string(),
      type: z.string(),
      sha: z.string(),
      mode: z.string(),
    }),
  ),
});

export const comparisonSchema = z.object({
  merge_base_commit: z.object({ sha }),
  files: z
    .array(
      z.object({
        filename: z.string(),
        previous_filename: z.string().optional(),
        status: z.string(),
      }),
    )
    .optional(),
});

export const commentSchema = z.object({ id, body: z.string().nullish() });

export const saidCommentSchema = z.object({
  body: z.string().nullish(),
  user: account,
  created_at: z.iso.datetime({ offset: true }),
  issue_url: z.string(),
});

export const commentListSchema = z.array(
  z.object({
    id,
    body: z.string().nullish(),
    performed_via_github_app: z.object({ id }).nullish(),
  }),
);

export const issueSchema = z.object({ number: z.number().int() });

/** Pull requests are in the list too, and have `pull_request`. Nobody has to write a text for either. */
export const issueListSchema = z.array(
  z.object({
    number: z.number().int(),
    body: z.string().nullish(),
    user: z.object({ type: z.string() }).nullish(),
    pull_request: z.object({}).optional(),
    performed_via_github_app: z.object({ id }).nullish(),
  }),
);

export type IssueEntry = z.infer<typeof issueListSchema>[number];

export const checkRunSchema = z.object({
  id,
  status: z.string(),
  app: z.object({ id }).nullish(),
});

export const commitStatusSchema = z.object({ id });

export const labelListSchema = z.array(z.object({ name: z.string() }));

export const checkRunListSchema = z.object({ check_runs: z.array(checkRunSchema) });

/** One page of the checks of a commit. */
export const checkPageSchema = z
  .object({
    check_runs: z.array(
      z.object({
        id,
        name: z.string(),
        status: z.string(),
        conclusion: z.string().nullable(),
        app: z.object({ id }).nullish(),
      }),
    ),
  })
  .transform((page) => page.check_runs);

/** One page of the statuses of a commit; of each context only the latest. */
export const statusPageSchema = z
  .object({ statuses: z.array(z.object({ context: z.string(), state: z.string() })) })
  .transform((page) => page.statuses);

export const ownerSchema = z.object({ owner: z.object({ login: z.string(), type: z.string() }) });

export const membershipSchema = z.object({ state: z.string() });

export const requestedReviewersSchema = z.object({
  node_id: z.string(),
  requested_reviewers: z.array(z.object({ login: z.string() })).nullish(),
  requested_teams: z.array(z.object({ slug: z.string() })).nullish(),
});

/** Refusals of GraphQL come as 200 with `errors`. */
export const reviewDecisionSchema = z.object({
  data: z.object({ node: z.object({ reviewDecision: z.string().nullable() }) }),
});

export const repositorySchema = z.object({ id, node_id: z.string() });

const blob = z.object({
  /** Null where GitHub takes it for no text. */
  text: z.string().nullable(),
  isTruncated: z.boolean(),
  byteSize: z.number(),
});

export type Blob = z.infer<typeof blob>;

/** The files come under aliases of their own, as blobs, as directories without fields, or as null. */
export const filesSchema = z.object({
  data: z.object({
    node: z
      .object({ commit: z.object({ oid: z.string() }).nullable() })
      .catchall(z.union([blob, z.object({}), z.null()]))
      .nullable(),
  }),
});

const owner = z.object({ id: z.string() });

export const siblingEntry = z.object({
  id: z.string(),
  nameWithOwner: z.string(),
  owner,
  defaultBranchRef: z.object({ target: z.object({ oid: sha }) }).nullable(),
  object: z.object({ __typename: z.string() }).nullable(),
});

export type SiblingEntry = z.infer<typeof siblingEntry>;

export const siblingSchema = z.object({
  data: z.object({
    node: z.object({ owner: owner.catchall(siblingEntry.nullable()) }).nullable(),
  }),
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).optional(),
});

export const mergeSchema = z.object({ sha });

export const permissionSchema = z.object({
  permission: z.string(),
  role_name: z.string().optional(),
  user: z
    .object({
      id,
      permissions: z
        .object({
          admin: z.boolean(),
          maintain: z.boolean().optional(),
          push: z.boolean(),
          triage: z.boolean().optional(),
          pull: z.boolean(),
        })
        .optional(),
    })
    .nullable(),
});

export const deliveryListSchema = z.array(
  z.object({
    id,
    guid: z.string(),
    delivered_at: z.string(),
    status_code: z.number(),
    redelivery: z.boolean().optional(),
    event: z.string(),
    action: z.string().nullish(),
  }),
);

export const installationSchema = z.object({ id, suspended_at: z.string().nullish() });

export const standingSchema = z.object({
  full_name: z.string(),
  default_branch: z.string(),
  archived: z.boolean(),
});
