import type { Instant } from "../base/brand.ts";
import type { Moment } from "../core/explain/history.ts";
import type { Facts } from "../core/fact.ts";
import type { PullRequestId } from "../core/ids.ts";

/** What explains a pull request: decisions with their events and reasons, which are kept for ever. Reads only. */
export interface StoryStore {
  /** Newest first, older than `before`; at most `limit`. */
  moments(
    pullRequest: PullRequestId,
    before: string | undefined,
    limit: number,
  ): Promise<readonly Moment[]>;
  /** What the newest decision was made from that looked at the files of a change; undefined where they are not kept. */
  looked(pullRequest: PullRequestId): Promise<Facts | undefined>;
  /** Newest first. */
  ignored(pullRequest: PullRequestId): Promise<readonly IgnoredDelivery[]>;
  pending(pullRequest: PullRequestId): Promise<PendingEvents>;
}

export interface IgnoredDelivery {
  readonly at: Instant;
  readonly delivery: string;
  readonly because: string;
}

export interface PendingEvents {
  readonly undecided: number;
  readonly setAside: readonly {
    readonly at: Instant;
    readonly kind: string;
    readonly error: string;
  }[];
}
