import type { PullRequestId } from "../core/ids.ts";

/** One server process, as the others see it. */
export interface ServerBeat {
  readonly id: string;
  readonly version: string;
  /** It takes nothing new any more. */
  readonly draining: boolean;
  readonly advancing: readonly PullRequestId[];
}

export type Beaten =
  | { readonly kind: "welcome" }
  /** L38: a newer version took away what this one needs. It has to stop. */
  | { readonly kind: "too_old"; readonly message: string };

/** The servers of one database. Nothing is decided here: it keeps them from doing the same work twice. */
export interface FleetStore {
  /** Says that this server lives; call every few seconds. */
  beat(server: ServerBeat): Promise<Beaten>;
  leave(id: string): Promise<void>;
  /** True for one caller of all servers in each period; `cursor` is what it kept last time. */
  takeDuty(name: string, everyMs: number): Promise<DutyTaken>;
  keepCursor(name: string, cursor: string): Promise<void>;
  /** Makes partitions ahead of time and drops what is older than it has to be kept. */
  forgetOld(retention: Retention): Promise<Forgotten>;
  /** Which of these deliveries are stored, or were found to be about nothing of ours. */
  heardOf(vcs: string, deliveryIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** For how many days things are kept that no decision needs any more. */
export interface Retention {
  /** Decided events and performed effects; sealed plans of pull requests that are over. */
  readonly eventDays: number;
  /** What jobs printed. */
  readonly outputDays: number;
}

export interface Forgotten {
  readonly partitions: number;
  readonly rows: number;
}

export type DutyTaken =
  | { readonly kind: "taken"; readonly cursor: string | undefined; readonly nowMs: number }
  | { readonly kind: "done_by_others" };
