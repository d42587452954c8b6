import type { Instant } from "../base/brand.ts";
import type { PullRequestId, RepositoryId } from "../core/ids.ts";

/** An event that could not be decided, or an effect that was rejected: nobody tries it again by himself (L36). */
export interface SetAside {
  /** Names it when it is to be repeated. */
  readonly id: string;
  readonly kind: "event" | "effect";
  /** What kind of event or effect. */
  readonly what: string;
  readonly repository: string;
  readonly repositoryId: RepositoryId;
  readonly pullRequest: number;
  readonly error: string;
  readonly attempts: number;
  readonly since: Instant;
}

/** What operators watch: nothing of it mends itself, or it grows when something is wrong. */
export interface Backlog {
  readonly effectsDead: number;
  readonly eventsSetAside: number;
  readonly ciJobsWaiting: Readonly<Record<WaitingFor, number>>;
}

/** Why a CI job has not been started: nobody has looked at it yet, there is no free place, or an apply has a dirspace of it. */
export type WaitingFor = "first_look" | "free_place" | "apply";

export interface FailureStore {
  /** Newest first. */
  setAside(): Promise<readonly SetAside[]>;
  /** Has it tried again at once; undefined where it is not set aside. */
  repeat(id: string): Promise<PullRequestId | undefined>;
  backlog(): Promise<Backlog>;
}
