import * as z from "zod/mini";

/** What this server may still ask of each VCS that limits it, what it holds back of that and for whom, and what waits. */

export const HeldBackView = z.object({
  /** Whose calls stop when no more than `amount` is left. */
  from: z.enum(["reactions", "comments", "checks", "looks"]),
  amount: z.number(),
  /** They are put off until then; null where they get through now. */
  until: z.nullable(z.string()),
});
export type HeldBackView = z.infer<typeof HeldBackView>;

export const AllowanceView = z.object({
  /** Calls, queries that count apart from calls, and what people are told by: comments, reactions, issues, requests for reviews. */
  of: z.enum(["calls", "queries", "content"]),
  per: z.enum(["minute", "hour"]),
  /** Points weigh: a call that writes costs several. */
  unit: z.enum(["calls", "points"]),
  /** The same in words. */
  title: z.string(),
  limit: z.number(),
  used: z.number(),
  left: z.number(),
  /** When all of it is there again; null where it is. */
  resetsAt: z.nullable(z.string()),
  /** `forge`: counted by the VCS, for all servers. `self`: counted by this server, which knows only of itself. */
  said: z.enum(["forge", "self"]),
  /** What stops first comes first; what is held back last of all is for permissions to apply, for jobs and for merging. */
  heldBack: z.array(HeldBackView),
});
export type AllowanceView = z.infer<typeof AllowanceView>;

export const WaitingEffectsView = z.object({
  /** A kind of effect: `publish` is the comment with its checks. */
  what: z.string(),
  count: z.number(),
  /** It would only show progress, and waits for more of it, whatever is left. */
  rests: z.boolean(),
  /** When the first of them is tried. */
  nextAt: z.string(),
});
export type WaitingEffectsView = z.infer<typeof WaitingEffectsView>;

export const InstallationBudgetView = z.object({
  vcs: z.string(),
  /** The VCS's own id of it. */
  installation: z.string(),
  /** Who owns its repositories, where that is one. */
  owner: z.nullable(z.string()),
  repositories: z.number(),
  /** The VCS wants to hear nothing before then. */
  closedUntil: z.nullable(z.string()),
  /** Calls of this server: those that run, those that wait for these, and those put off since it started. */
  calls: z.object({ running: z.number(), waiting: z.number(), putOff: z.number() }),
  /** Empty until this server has asked something. */
  allowances: z.array(AllowanceView),
  /** What is not done yet, by all servers. */
  waiting: z.array(WaitingEffectsView),
});
export type InstallationBudgetView = z.infer<typeof InstallationBudgetView>;

export const BudgetView = z.object({
  readAt: z.string(),
  /** Which of the VCSs that this server is connected to limit what they are asked. */
  limited: z.array(z.string()),
  installations: z.array(InstallationBudgetView),
});
export type BudgetView = z.infer<typeof BudgetView>;
