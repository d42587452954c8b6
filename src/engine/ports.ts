import { JOB_CAPS, type JobCaps } from "../core/schedule/caps.ts";
import type { Adapters } from "../ports/adapters.ts";
import type { Ci } from "../ports/ci.ts";
import type { EngineStore } from "../ports/engine-store.ts";
import type { ReportStore } from "../ports/report-store.ts";
import type { RunnerStore } from "../ports/runner-store.ts";
import type { Vcs } from "../ports/vcs.ts";
import type { CentralHeads } from "./central-heads.ts";
import type { Lanes } from "./lanes.ts";
import type { Looks } from "./looks.ts";

/** Everything the engine needs from the world. Time comes from the store's clock, ids from here. */
export interface EnginePorts {
  readonly store: EngineStore & ReportStore;
  readonly runners: RunnerStore;
  readonly vcs: Adapters<Vcs>;
  /** By the name of the VCS whose repositories it works for. */
  readonly ci: Adapters<Ci>;
  readonly centralHeads: CentralHeads;
  readonly lanes: Lanes;
  readonly looks: Looks;
  readonly random: Random;
  readonly secrets: Secrets;
  readonly log: EngineLog;
  /** Where runners and people reach this server. */
  readonly serverUrl: () => string;
  readonly limits: EngineLimits;
  /** First words of a comment that count beside our own, in lower case; what follows is in the words of another tool. */
  readonly commentWords: readonly string[];
  /** By the name of the VCS, what existing runners get as their base URL. Without any this server serves none. */
  readonly existingRunners: { get(vcs: string): string | undefined };
}

export interface Random {
  /** A random UUID. */
  uuid(): string;
  bytes(length: number): Uint8Array;
}

export interface Secrets {
  sha256(bytes: Uint8Array): Uint8Array;
  /** A key that only this server can derive, for one purpose; nothing of it is stored in the database. */
  deriveKey(purpose: string): Uint8Array;
}

export interface EngineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface EngineLimits {
  readonly heartbeatSeconds: number;
  /** Without a sign of life for this long a job counts as silent. Longer than a runner keeps going alone. */
  readonly silentAfterMs: number;
  /** A job that nobody claimed after this long is looked at. */
  readonly claimWithinMs: number;
  /** Whoever does not use its turn to apply for this long gives way to those who wait. */
  readonly turnMs: number;
  /** How many CI jobs run at once. */
  readonly jobs: JobCaps;
  /** How long nothing is applied after the database was promoted or restored: longer than a job goes on alone. */
  readonly quarantineMs: number;
  /** How long a one-time code opens its attempt; undefined: none are given out, and none are taken. */
  readonly codeMs: number | undefined;
  /** While a job works, what people are shown of it is brought up to date no more often. */
  readonly progressMs: number;
  /** How often an event of a newer version is left to a server of that version, a minute apart, before it is set aside. */
  readonly unknownTries: number;
}

/** A grant may use what was looked up this long before, for another one of the same pull request. */
export const GRANTS_SHARE_MS = 5_000;

export const ENGINE_LIMITS: EngineLimits = {
  heartbeatSeconds: 5,
  silentAfterMs: 60_000,
  claimWithinMs: 10 * 60_000,
  turnMs: 60 * 60_000,
  jobs: JOB_CAPS,
  quarantineMs: 2 * 60_000,
  codeMs: undefined,
  progressMs: 30_000,
  unknownTries: 24 * 60,
};
