import * as z from "zod/mini";
import { PhaseView, ReasonView, RuleView } from "./views.ts";

/** What a decision was about. */
export const WhyEventView = z.object({
  kind: z.string(),
  /** In words: `ann commented terrane apply`. */
  text: z.string(),
  actor: z.nullable(z.string()),
  /** The VCS's own ids, where it was told by it. */
  comment: z.nullable(z.string()),
  delivery: z.nullable(z.string()),
  run: z.nullable(z.string()),
});
export type WhyEventView = z.infer<typeof WhyEventView>;

export const WhyDecisionView = z.object({
  id: z.string(),
  at: z.string(),
  event: WhyEventView,
  reasons: z.array(ReasonView),
});
export type WhyDecisionView = z.infer<typeof WhyDecisionView>;

/** A rule behind a dirspace, and what it decides: `affected`, `workflow`, `autoplan`, … */
export const WhyRuleView = z.object({ about: z.string(), rule: RuleView });
export type WhyRuleView = z.infer<typeof WhyRuleView>;

/** `on` names the kind: `predecessor`, `lock`, `approval`, `command`, …; `next` of the reason says what would change it. */
export const WhyWaitView = z.object({ on: z.string(), ...ReasonView.shape });
export type WhyWaitView = z.infer<typeof WhyWaitView>;

export const WhyDirspaceView = z.object({
  key: z.string(),
  dir: z.string(),
  workspace: z.string(),
  phase: PhaseView,
  /** Whether the newest commit touches it. */
  affected: z.boolean(),
  because: z.array(z.string()),
  rules: z.array(WhyRuleView),
  /** Empty where nothing more has to happen. */
  waits: z.array(WhyWaitView),
});
export type WhyDirspaceView = z.infer<typeof WhyDirspaceView>;

export const WhyView = z.object({
  repository: z.string(),
  repositoryId: z.string(),
  pullRequest: z.number(),
  /** As given; null where all of it was asked about. */
  asked: z.nullable(z.string()),
  headSha: z.nullable(z.string()),
  state: z.nullable(z.enum(["open", "merged", "closed"])),
  /** What the newest look at the pull request as a whole said: also why nothing happened. */
  said: z.array(ReasonView),
  dirspaces: z.array(WhyDirspaceView),
  /** How many dirspaces there are in all; `dirspaces` holds the first ones of them. */
  total: z.number(),
  /** Of a directory, dirspace or file that is none of `dirspaces`: why it is part of the change, or is not. */
  target: z.nullable(z.object({ affected: z.boolean(), reasons: z.array(z.string()) })),
  /** Newest first: of what was asked about, else of the pull request. */
  decisions: z.array(WhyDecisionView),
  /** For `?before=`; null where no older decisions are left. */
  before: z.nullable(z.string()),
  /** Deliveries of the VCS about this pull request from which nothing follows. */
  ignored: z.array(z.object({ at: z.string(), delivery: z.string(), because: z.string() })),
  /** Events that wait to be decided. */
  undecided: z.number(),
  /** Events that could not be decided, which is a bug of the server. */
  setAside: z.array(z.object({ at: z.string(), kind: z.string(), error: z.string() })),
});
export type WhyView = z.infer<typeof WhyView>;
