import type { Instant } from "../base/brand.ts";
import type { PullRequestId } from "../core/ids.ts";

/** An event that could not be decided, or an effect that was rejected: nobody tries it again by himself (L36). */
export interface SetAside {
  /** Names it when it is to be repeated. */
  readonly id: string;
  readonly kind: "event" | "effect";
  /** What kind of event or effect. */
  readonly what: string;
  readonly repository: string;
  readonly pullRequest: number;
  readonly error: string;
  readonly attempts: number;
  readonly since: Instant;
}

export interface FailureStore {
  /** Newest first. */
  setAside(): Promise<readonly SetAside[]>;
  /** Has it tried again at once; undefined where it is not set aside. */
  repeat(id: string): Promise<PullRequestId | undefined>;
}
