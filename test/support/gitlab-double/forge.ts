import type { Project } from "./world.ts";

/** What an instance keeps of a project besides its pipelines: code, merge requests and people. */

export interface User {
  readonly id: number;
  readonly username: string;
  state: "active" | "blocked";
}

/** A group by its whole path, `a/b/c`. */
export interface Group {
  readonly id: number;
  readonly path: string;
  /** User → access level, of those who were put into this very group. */
  readonly members: Map<number, Membership>;
}

export interface Membership {
  readonly level: number;
  readonly expiresAt?: string;
}

export interface Note {
  readonly id: number;
  readonly author: User;
  body: string;
  readonly system: boolean;
  readonly createdAt: Date;
  updatedAt: Date;
  readonly awards: { readonly id: number; readonly name: string; readonly user: User }[];
}

/** What a push made of a merge request. */
export interface Version {
  readonly id: number;
  readonly head: string;
  readonly base: string;
  readonly start: string;
  readonly createdAt: Date;
}

export type ReviewerState = "unreviewed" | "reviewed" | "requested_changes" | "approved";

export interface MergeRequest {
  readonly id: number;
  readonly iid: number;
  readonly project: Project;
  /** Undefined once the fork is deleted. */
  source: Project | undefined;
  readonly sourceId: number;
  readonly sourceBranch: string;
  targetBranch: string;
  title: string;
  readonly author: User;
  state: "opened" | "closed" | "merged";
  readonly createdAt: Date;
  updatedAt: Date;
  mergedAt: Date | undefined;
  mergeCommit: string | undefined;
  squashCommit: string | undefined;
  /** Worked out after somebody asked, as GitLab does it. */
  mergeStatus: "unchecked" | "checking" | "can_be_merged" | "cannot_be_merged";
  readsLeft: number;
  readonly versions: Version[];
  readonly approvals: Map<number, Date>;
  readonly reviewers: Map<number, ReviewerState>;
  labels: readonly string[];
  readonly notes: Note[];
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly name: string;
  readonly user: User;
  status: string;
  description: string | null;
  targetUrl: string | null;
  /** Another one of its name came after it. */
  retried: boolean;
  readonly createdAt: Date;
}

export interface Issue {
  readonly id: number;
  readonly iid: number;
  readonly author: User;
  title: string;
  description: string;
  state: "opened" | "closed";
  readonly createdAt: Date;
}

export interface Hook {
  readonly id: number;
  readonly url: string;
  readonly token: string | undefined;
  /** `whsec_…` */
  readonly signingToken: string | undefined;
  /** Failures in a row. */
  failures: number;
  disabledUntil: Date | undefined;
  /** Nobody ticked _Job events_. */
  withoutJobs?: boolean;
}

export interface Forge {
  /** Undefined where a project has no code, for those that are only about pipelines. */
  gitDir: string | undefined;
  /** Branch → commit, as they were after the last push. */
  heads: Map<string, string>;
  readonly mergeRequests: Map<number, MergeRequest>;
  readonly issues: Map<number, Issue>;
  readonly statuses: Status[];
  readonly members: Map<number, Membership>;
  readonly hooks: Hook[];
  forkOf: Project | undefined;
  mergeMethod: "merge" | "rebase_merge" | "ff";
  /** Files that a comparison lists at most, before it says that it was cut. */
  comparedFilesMax: number;
  /** Free instances keep one reviewer of those that are asked for. */
  reviewersMax: number;
  approvalsRequired: number;
  /** Pipelines have to succeed before a merge, and one is at work. */
  stillRunning: boolean;
  /** An older instance does not tell when somebody approved. */
  tellsApprovalTimes: boolean;
}

export function newForge(): Forge {
  return {
    gitDir: undefined,
    heads: new Map(),
    mergeRequests: new Map(),
    issues: new Map(),
    statuses: [],
    members: new Map(),
    hooks: [],
    forkOf: undefined,
    mergeMethod: "merge",
    comparedFilesMax: 1_000,
    reviewersMax: 100,
    approvalsRequired: 0,
    stillRunning: false,
    tellsApprovalTimes: true,
  };
}

export function gitDirOf(project: Project): string {
  const { gitDir } = project.forge;
  if (gitDir === undefined) throw new Error(`${project.path} has no code`);
  return gitDir;
}

export function headOf({ versions }: MergeRequest): Version {
  const last = versions.at(-1);
  if (last === undefined) throw new Error("a merge request without a version");
  return last;
}

/** GitLab has no other mark of a draft than this beginning of its title. */
export const DRAFT = "Draft: ";

export function isDraft({ title }: MergeRequest): boolean {
  return title.startsWith(DRAFT);
}
