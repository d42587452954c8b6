import type { Instant } from "../base/brand.ts";

/** What is put off before others when little is left; what matters least comes first. */
export const CONCERNS = ["reactions", "comments", "checks", "looks"] as const;
export type Concern = (typeof CONCERNS)[number];

/** What calls of one concern may not touch of an allowance: it is for those that matter more. */
export interface HeldBack {
  readonly from: Concern;
  readonly amount: number;
  /** Until one of them gets through; 0 where that is now. */
  readonly waitMs: number;
}

/** How much of one kind may still be asked of a VCS. */
export interface Allowance {
  /** Calls, queries that count apart from calls, and what people are told by. */
  readonly of: "calls" | "queries" | "content";
  readonly per: "minute" | "hour";
  /** Points weigh: a call that writes costs several. */
  readonly unit: "calls" | "points";
  readonly limit: number;
  readonly left: number;
  /** When all of it is there again; milliseconds since the epoch, and in the past where it is. */
  readonly resetsAt: number;
  /** The VCS counts what all servers do; of what it does not tell, each server knows what it did itself. */
  readonly said: "forge" | "self";
  readonly heldBack: readonly HeldBack[];
}

/** What one installation may still ask, as this server knows it. */
export interface InstallationBudget {
  readonly installation: string;
  readonly allowances: readonly Allowance[];
  /** The VCS wants to hear nothing before then. */
  readonly closedUntil: number | undefined;
  /** Calls that run, and calls that wait for those. */
  readonly running: number;
  readonly waiting: number;
  /** Calls that were put off since this server started, as too little was left. */
  readonly putOff: number;
}

/** A VCS that limits what it is asked, with the installations that this server has asked something for. */
export interface VcsBudget {
  /** As stored repositories name it. */
  readonly vcs: string;
  readonly installations: readonly InstallationBudget[];
}

/** Effects of one kind that are not done yet. */
export interface WaitingEffects {
  readonly what: string;
  /** Of these only progress is to be shown: they wait for more of it, whatever is left. */
  readonly rests: boolean;
  readonly count: number;
  /** When the first of them is tried. */
  readonly nextAt: Instant;
}

/** An installation as the database knows it, with what all servers have not done there yet. */
export interface InstallationBacklog {
  readonly vcs: string;
  readonly installation: string;
  /** Who owns its repositories, where that is one. */
  readonly owner: string | undefined;
  readonly repositories: number;
  readonly waiting: readonly WaitingEffects[];
}

export interface BudgetStore {
  /** Of these VCSs. */
  installations(vcs: readonly string[]): Promise<readonly InstallationBacklog[]>;
}
