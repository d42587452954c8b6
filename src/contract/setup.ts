import * as z from "zod/mini";

export const AdoptRepositoryBody = z.object({
  /** `owner/name`, as people write it. */
  fullName: z.string().check(z.minLength(3), z.maxLength(500)),
  /** Through which app; without it the first that reaches it. */
  vcs: z.optional(z.string().check(z.maxLength(100))),
});

/** One step of setting up a repository, as it stands now; nothing of it is stored. */
export const SetupItem = z.object({
  id: z.enum([
    "reach",
    "webhook",
    "workflow",
    "configuration",
    "pull_request",
    "job",
    "plan",
    "apply",
  ]),
  state: z.enum(["done", "waiting", "wrong"]),
  title: z.string(),
  /** What the state means, in a sentence or two. */
  detail: z.string(),
  /** What to do next; null where nothing is to be done. */
  next: z.nullable(z.string()),
  /** What to type for it, word for word. */
  command: z.nullable(z.string()),
  /** A page about it, of the VCS or of this server. */
  url: z.nullable(z.string()),
});
export type SetupItem = z.infer<typeof SetupItem>;

export const SetupView = z.object({
  repository: z.string(),
  repositoryId: z.string(),
  /** Something was planned: the rest follows from use. */
  planned: z.boolean(),
  /** This server can open a pull request with the files that are missing. */
  canPropose: z.boolean(),
  items: z.array(SetupItem),
});
export type SetupView = z.infer<typeof SetupView>;

/** What became of the wish to have the files of a repository proposed to its people. */
export const SetupProposal = z.object({
  outcome: z.enum(["opened", "open", "nothing_to_change", "not_permitted"]),
  pullRequest: z.nullable(z.object({ number: z.number(), url: z.nullable(z.string()) })),
  /** Where it has them. */
  files: z.array(z.object({ path: z.string(), text: z.string() })),
  /** What was found in the repository, a line each. */
  found: z.array(z.string()),
  /** Permissions that are missing, and why they are needed. */
  lacks: z.array(z.object({ name: z.string(), why: z.string() })),
  grantUrl: z.nullable(z.string()),
  /** Editors of the VCS with the files filled in. */
  byHand: z.array(z.object({ path: z.string(), url: z.string() })),
  next: z.array(z.string()),
});
export type SetupProposal = z.infer<typeof SetupProposal>;
