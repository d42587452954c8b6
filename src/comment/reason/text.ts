import type { Reason, ReasonCode } from "../../core/reason.ts";

/**
 * A reason in words. Plain text, in which backquotes mark values and commands; comment, dashboard
 * and command line each show that in their own way.
 */
export interface ReasonText {
  readonly title: string;
  readonly cause: string;
  /** What to do next, with the command where there is one. */
  readonly next?: string;
  /** Pull requests that the reason speaks of, for links. */
  readonly pullRequests?: readonly number[];
}

/** Whoever reads a refusal wants to get on: what to do next is never missing. */
export interface RefusalText extends ReasonText {
  readonly next: string;
}

export type ReasonOf<C extends ReasonCode> = Extract<Reason, { readonly code: C }>;

export type Texts<C extends ReasonCode, T extends ReasonText> = {
  readonly [K in C]: (reason: ReasonOf<K>) => T;
};
