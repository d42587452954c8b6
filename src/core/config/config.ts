import type { Workspace } from "../change/dirspace.ts";
import type { Query } from "../query/query.ts";
import type { AccessControl } from "./access-control.ts";
import type { Drift } from "./drift.ts";
import type { Command, Engine, RunsOn } from "./engine.ts";
import type { Hooks } from "./hook.ts";
import type { Match } from "./match.ts";
import type { Stack } from "./stack.ts";
import type { Step } from "./step.ts";
import type { PlanStorage } from "./storage.ts";

/** The configuration of a repository with every default filled in. Plain data. */
export interface Config {
  readonly enabled: boolean;
  readonly createAndSelectWorkspace: boolean;
  readonly parallelRuns: number;
  /** Top-level keys that a pull request cannot change. */
  readonly defaultBranchOverrides: readonly string[];
  /** Empty: only the default branch. */
  readonly destinationBranches: readonly DestinationBranch[];
  readonly engine: Engine;
  readonly whenModified: WhenModified;
  /** In the order of the file: of two equally long globs the first wins. */
  readonly dirs: readonly DirConfig[];
  readonly workflows: readonly Workflow[];
  readonly applyRequirements: ApplyRequirements;
  readonly automerge: Automerge;
  readonly tags: TagPatterns;
  readonly accessControl: AccessControl;
  readonly batchRuns: BatchRuns;
  readonly checkoutStrategy: "merge" | "checkout";
  readonly configBuilder: Builder;
  readonly treeBuilder: Builder;
  readonly costEstimation: CostEstimation;
  readonly drift: Drift;
  readonly hooks: Hooks;
  readonly indexer: Indexer;
  readonly integrations: Integrations;
  readonly notifications: Notifications;
  /** In the order of the file. */
  readonly stacks: readonly Stack[];
  readonly storage: { readonly plans: PlanStorage };
}

/** How many dirspaces one CI job gets; without it all that may share one do. */
export interface BatchRuns {
  readonly enabled: boolean;
  readonly maxWorkspacesPerBatch: number;
}

/** A script that prints configuration, or the list of files. */
export interface Builder {
  readonly enabled: boolean;
  readonly script?: string;
}

export interface CostEstimation {
  readonly enabled: boolean;
  readonly provider: "infracost" | "openinfraquote";
  readonly currency: string;
}

/** Whether modules and symbolic links are looked at when a change is matched. */
export interface Indexer {
  readonly enabled: boolean;
  /** Accepted and without effect: no image is pulled. */
  readonly buildTag?: string;
}

export interface Integrations {
  readonly resourcely: { readonly enabled: boolean; readonly extraArgs: Command };
}

export interface Notifications {
  /** As written: the first whose query matches decides, and where none does only the one comment is kept. */
  readonly policies: readonly NotificationPolicy[];
  readonly summary: { readonly enabled: boolean };
  /** A check for each dirspace and phase, where there are no more dirspaces than that. */
  readonly dirspaceChecks: { readonly enabled: boolean; readonly max: number };
  /** Commit statuses, the older kind of checks; `name` is the first word of theirs. */
  readonly statuses: { readonly enabled: boolean; readonly name: "terrane" | "terrateam" };
  readonly labels: { readonly enabled: boolean };
}

export interface NotificationPolicy {
  readonly tagQuery: Query;
  readonly commentStrategy: CommentStrategy;
}

/** What becomes of older comments about the results of the same dirspaces. */
export type CommentStrategy = "append" | "delete" | "minimize";

export interface WhenModified {
  /** Global patterns are rewritten to `${DIR}` when they are derived, not here. */
  readonly filePatterns: readonly string[];
  readonly autoplan: boolean;
  readonly autoplanDraftPr: boolean;
  readonly autoapply: boolean;
  readonly dependsOn: DependsOn | null;
}

export interface DependsOn {
  readonly query: Query;
  readonly pruneOnNoChange: boolean;
}

/** What a directory or workspace says; an absent field is inherited, `dependsOn: null` switches off. */
export type WhenModifiedOverride = Partial<WhenModified>;

export interface DirConfig {
  /** As written: a directory, a file or a glob. */
  readonly key: string;
  /** Absent: the global setting. */
  readonly createAndSelectWorkspace?: boolean;
  readonly createIfMissing: boolean;
  readonly lockBranchTarget: LockBranchTarget;
  readonly tags: readonly string[];
  readonly whenModified: WhenModifiedOverride;
  /** Never empty. */
  readonly workspaces: readonly WorkspaceConfig[];
}

export type LockBranchTarget = "all" | "dest_branch";

export interface WorkspaceConfig {
  readonly name: Workspace;
  /** Which automatic tag it gets: `workspace:<name>` or `stack:<name>`. */
  readonly tagKey: "workspace" | "stack";
  readonly tags: readonly string[];
  readonly whenModified: WhenModifiedOverride;
}

/** What a workflow does, apart from which dirspaces it is for. */
export interface WorkflowSettings {
  readonly plan: readonly Step[];
  readonly apply: readonly Step[];
  readonly engine: Engine;
  /** With variables of the stack in it: `${region}`. */
  readonly environment?: string;
  readonly runsOn?: RunsOn;
  readonly lockPolicy: LockPolicy;
  readonly integrations: Integrations;
}

export interface Workflow extends WorkflowSettings {
  readonly tagQuery: Query;
}

export type LockPolicy = "strict" | "apply" | "merge" | "none";

export interface ApplyRequirements {
  readonly createPendingApplyCheck: boolean;
  readonly createCompletedApplyCheckOnNoop: boolean;
  /** The first whose query matches decides; none means that the apply is refused. */
  readonly checks: readonly ApplyRequirement[];
}

export interface ApplyRequirement {
  readonly tagQuery: Query;
  readonly approved: Approved;
  readonly mergeConflicts: { readonly enabled: boolean };
  readonly statusChecks: StatusChecks;
  readonly applyAfterMerge: { readonly enabled: boolean };
  readonly requireReadyForReviewPr: boolean;
}

export interface Approved {
  readonly enabled: boolean;
  readonly allOf: readonly Match[];
  readonly anyOf: readonly Match[];
  readonly anyOfCount: number;
  readonly requireCompletedReviews: boolean;
}

export interface StatusChecks {
  readonly enabled: boolean;
  /** A title, a pattern that is found in it, or `/regex/`; what does not compile is only a title. */
  readonly ignoreMatching: readonly string[];
}

export interface DestinationBranch {
  readonly branch: string;
  readonly sourceBranches: readonly string[];
}

export interface Automerge {
  readonly enabled: boolean;
  readonly deleteBranch: boolean;
  readonly mergeStrategy: "auto" | "merge" | "rebase" | "squash";
  readonly requireExplicitApply: boolean;
  readonly retainPrTitle: boolean;
}

/** Tag name to a pattern on a branch name: a Lua pattern or `/regex/`. */
export interface TagPatterns {
  readonly branch: Readonly<Record<string, string>>;
  readonly destBranch: Readonly<Record<string, string>>;
}
