import type { Instant } from "../base/brand.ts";
import type { CentralHeads } from "../engine/central-heads.ts";
import type { Engine } from "../engine/engine.ts";
import type { Adapters } from "../ports/adapters.ts";
import type { BudgetStore, VcsBudget } from "../ports/budget.ts";
import type { FailureStore } from "../ports/failure-store.ts";
import type { ReportStore } from "../ports/report-store.ts";
import type { RepositoryStore } from "../ports/repository-store.ts";
import type { StoryStore } from "../ports/story-store.ts";
import type { RepositoryRef, Vcs } from "../ports/vcs.ts";
import type { ViewStore } from "../ports/view-store.ts";
import type { AppRegistry } from "./apps.ts";
import type { Forge } from "./forge.ts";
import type { SetupGuide } from "./setup/guide.ts";

/** What the routes work with. */
export interface Services {
  readonly engine: Pick<Engine, "command" | "runner" | "compatible" | "deliver" | "quarantine">;
  readonly views: ViewStore;
  readonly reports: ReportStore;
  readonly stories: StoryStore;
  readonly failures: FailureStore;
  readonly repositories: RepositoryStore;
  readonly backlogs: BudgetStore;
  /** What this server may still ask of each VCS that limits it. */
  readonly budgets: () => readonly VcsBudget[];
  /** By name; for what is read live and stored nowhere. */
  readonly vcs: Adapters<Vcs>;
  /** How repositories of each of them are set up. */
  readonly guides: Adapters<SetupGuide>;
  /** The engine's own, so that pages cost the VCS nothing more. */
  readonly centralHeads: CentralHeads;
  readonly apps: AppRegistry;
  /** Set where this server is a forge itself. */
  readonly forge: Forge | undefined;
  /** Where the repository can be fetched from without a checkout by the CI system. */
  readonly cloneUrl: (vcs: string, ref: RepositoryRef) => Promise<string | undefined>;
  readonly serverUrl: () => string;
  /** What people have to do about a VCS before it stops working. */
  readonly notices: () => readonly VcsNotice[];
  readonly now: () => Instant;
  readonly about: {
    readonly version: string;
    /** What it is connected to now. */
    readonly vcs: () => readonly string[];
    readonly actor: string;
    readonly database: "embedded" | "external";
  };
}

export interface VcsNotice {
  readonly vcs: string;
  readonly message: string;
  readonly next: string;
}

/** Name of the VCS that this server is itself. */
export const LOCAL_VCS = "local";

export function pullRequestPage(services: Services, repository: string, number: number): string {
  return `${services.serverUrl()}/repositories/${repository}/pulls/${number}`;
}
