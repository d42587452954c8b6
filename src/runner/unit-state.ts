import type { PlanFacts, UnitResult, WorkItem, WorkUnit } from "../contract/work.ts";
import type { ServerClient } from "./client.ts";
import type { Costed } from "./cost.ts";
import type { Engine } from "./engine/engine.ts";
import type { LocalState } from "./engine/local-state.ts";
import type { Toolchain } from "./engine/toolchain.ts";
import type { Locks } from "./locks.ts";
import type { Masker } from "./mask.ts";
import type { JobCredentials } from "./oidc/credentials.ts";
import type { ProviderCache } from "./providers/provider-cache.ts";
import type { Scope, StepEnd } from "./scope.ts";
import type { Stop } from "./stop.ts";
import type { StorageCommands } from "./storage/commands.ts";

/** What all units of a job share. */
export interface Job {
  readonly work: WorkItem;
  readonly client: ServerClient;
  readonly stop: Stop;
  readonly masker: Masker;
  readonly locks: Locks;
  /** What is done once for all units, by a name for it. */
  readonly once: Map<string, Promise<StepEnd>>;
  readonly localState: LocalState;
  readonly toolchain: Toolchain;
  readonly providers: ProviderCache;
  readonly credentials: JobCredentials;
  /** A folder that outlives the job, where the CI system offers one. */
  readonly cacheDir: string | undefined;
  readonly root: string;
  readonly graceMs: number;
  /** A key that the job brought: then the server never holds one that opens its plans. */
  readonly ownSealKey: Buffer | undefined;
}

export type Planned = Extract<UnitResult, { outcome: "planned" }>;
export type Applied = Extract<UnitResult, { outcome: "applied" }>;

/** One unit while it is worked on; steps read it and leave their results in it. */
export interface UnitState extends Scope {
  readonly unit: WorkUnit;
  readonly engine: Engine;
  readonly planFile: string;
  /** The plan as JSON, in a file that every tool may read; unknown before the plan step. */
  planJson: string | undefined;
  /** Where the plan of this apply waited, if not on the server. */
  usedPlan: Omit<StorageCommands, "store"> | undefined;
  /** What the plan was made from. */
  facts: PlanFacts | undefined;
  /** What it costs, found out beside the steps after the plan; never fails. */
  costed: Promise<Costed | undefined> | undefined;
  planned: Planned | undefined;
  /** Set from the grant on: whatever happens then, something may have changed. */
  fence: number | undefined;
  /** The plan that was reviewed is checked and lies in `planFile`, or none binds the work: before that nothing is applied. */
  planOpened: boolean;
  applied: Omit<Applied, "fence"> | undefined;
}

export { OK, type StepEnd } from "./scope.ts";
