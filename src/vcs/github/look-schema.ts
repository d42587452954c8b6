import { z } from "zod";
import type { AccountId } from "../../core/ids.ts";
import { GHOST, sha, siblingEntry } from "./schema.ts";

const oid = z.object({ oid: sha });

/** The other API calls bots by a longer name. Who has no number here is looked up there. */
const who = z
  .object({ __typename: z.string(), login: z.string(), databaseId: z.number().int() })
  .nullable()
  .transform((found) => {
    if (found === null) return GHOST;
    const login = found.__typename === "Bot" ? `${found.login}[bot]` : found.login;
    return { id: String(found.databaseId) as AccountId, login };
  });

const counted = z.object({ totalCount: z.number().int() });

/** A directory or a submodule has none of the fields of a file. */
const entry = z.object({
  mode: z.number().int(),
  object: z
    .object({
      __typename: z.string(),
      text: z.string().nullish(),
      isTruncated: z.boolean().optional(),
      byteSize: z.number().optional(),
    })
    .nullable(),
});

export type Entry = z.infer<typeof entry>;

const files = z.object({
  c0: entry.nullable(),
  c1: entry.nullable(),
  c2: entry.nullable(),
  c3: entry.nullable(),
});

export type Files = z.infer<typeof files>;

const context = z.union([
  z.object({
    __typename: z.literal("CheckRun"),
    name: z.string(),
    status: z.string(),
    conclusion: z.string().nullable(),
    checkSuite: z.object({ app: z.object({ databaseId: z.number() }).nullable() }),
  }),
  z.object({ __typename: z.literal("StatusContext"), context: z.string(), state: z.string() }),
]);

const headCommit = oid.extend({
  ...files.shape,
  suites: counted.extend({ nodes: z.array(z.object({ checkRuns: counted.nullable() })) }).nullish(),
  statusCheckRollup: z.object({ contexts: counted.extend({ nodes: z.array(context) }) }).nullish(),
});

const pull = z.object({
  title: z.string(),
  state: z.enum(["OPEN", "CLOSED", "MERGED"]),
  isDraft: z.boolean(),
  url: z.string(),
  mergeable: z.enum(["MERGEABLE", "CONFLICTING", "UNKNOWN"]),
  mergedAt: z.string().nullable(),
  mergeCommit: oid.nullable(),
  author: who,
  headRefName: z.string(),
  headRefOid: sha,
  headRepository: z.object({ id: z.string() }).nullable(),
  baseRefName: z.string(),
  baseRefOid: sha,
  baseRef: z.object({ target: oid.nullable() }).nullable(),
  reviews: counted.extend({
    nodes: z.array(z.object({ state: z.string(), author: who, commit: oid.nullable() })),
  }),
  ours: counted.extend({ nodes: z.array(z.object({ viewerDidAuthor: z.boolean() })) }).nullish(),
  said: z
    .object({
      nodes: z.array(
        z.object({
          fullDatabaseId: z.coerce.string(),
          body: z.string(),
          createdAt: z.string(),
          author: who,
        }),
      ),
    })
    .nullish(),
  history: counted.extend({
    nodes: z.array(
      z.object({ commit: oid.extend({ parents: counted.extend({ nodes: z.array(oid) }) }) }),
    ),
  }),
  head: z.object({ nodes: z.array(z.object({ commit: headCommit })) }),
});

export type LookedPull = z.infer<typeof pull>;

export const lookSchema = z.object({
  data: z.object({
    node: z
      .object({
        owner: z.object({ id: z.string() }).catchall(siblingEntry.nullable()),
        defaultBranchRef: z
          .object({ name: z.string(), target: oid.extend(files.shape).nullable() })
          .nullable(),
        pullRequest: pull.nullable(),
      })
      .nullable(),
  }),
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).optional(),
});
