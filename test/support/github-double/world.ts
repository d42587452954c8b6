import type { KeyObject } from "node:crypto";
import type { Deliveries } from "./deliveries.ts";
import type { Faults } from "./faults.ts";
import type { DiffFile } from "./git-read.ts";
import type { Journal } from "./journal.ts";
import type { Limiter } from "./limiter.ts";
import type { Oidc } from "./oidc.ts";

/** What a person or an app may do, weakest first; GitHub's `role_name`. */
export type Role = "read" | "triage" | "write" | "maintain" | "admin";

export interface Account {
  readonly id: number;
  /** Accounts can be renamed; ids stay. */
  login: string;
  readonly type: "User" | "Organization" | "Bot";
  readonly createdAt: Date;
}

export interface Organization {
  readonly account: Account;
  readonly members: Map<number, "member" | "admin">;
  readonly teams: Map<string, Team>;
}

export interface Team {
  readonly id: number;
  readonly slug: string;
  readonly members: Set<number>;
  /** Of the members those who have not accepted yet. */
  readonly invited: Set<number>;
}

export interface App {
  readonly id: number;
  readonly clientId: string;
  readonly slug: string;
  name: string;
  owner: Account;
  /** What it asks every installation for. */
  permissions: Readonly<Record<string, AccessLevel>>;
  events: readonly string[];
  setupUrl: string | undefined;
  readonly bot: Account;
  readonly publicKey: KeyObject;
  readonly privateKeyPem: string;
  readonly hookId: number;
  webhook: { url: string; secret: string } | undefined;
}

export type AccessLevel = "read" | "write";

export interface Installation {
  readonly id: number;
  readonly account: Account;
  /** Undefined: all repositories of the account. */
  repositories: Set<number> | undefined;
  permissions: Record<string, AccessLevel>;
  events: readonly string[];
  suspendedAt: Date | undefined;
  readonly createdAt: Date;
}

export type Token =
  | { readonly kind: "user"; readonly account: Account; readonly expiresAt: undefined }
  | {
      readonly kind: "installation";
      readonly installation: Installation;
      readonly repositories: ReadonlySet<number> | undefined;
      readonly permissions: Readonly<Record<string, AccessLevel>>;
      readonly expiresAt: Date;
    };

export interface Protection {
  approvals: number;
  checks: readonly string[];
  /** It takes changes through its merge queue only. */
  queue?: true;
}

export interface Repository {
  readonly id: number;
  owner: Account;
  name: string;
  readonly gitDir: string;
  readonly fork: Repository | undefined;
  private: boolean;
  archived: boolean;
  defaultBranch: string;
  readonly createdAt: Date;
  pushedAt: Date;
  /** Branches as last seen; what differs from the disk was pushed since. */
  branches: Map<string, string>;
  readonly collaborators: Map<number, Role>;
  readonly teams: Map<string, Role>;
  readonly protections: Map<string, Protection>;
  readonly pulls: Map<number, Pull>;
  readonly issues: Map<number, Issue>;
  readonly comments: Map<number, Comment>;
  readonly checks: Map<number, CheckRun>;
  readonly suites: Map<string, number>;
  readonly statuses: Status[];
  readonly workflows: Map<string, Workflow>;
  readonly runs: Map<number, WorkflowRun>;
  nextNumber: number;
}

export interface Pull {
  readonly id: number;
  readonly number: number;
  readonly repository: Repository;
  title: string;
  body: string | null;
  state: "open" | "closed";
  draft: boolean;
  readonly author: Account;
  readonly head: {
    repository: Repository | undefined;
    readonly owner: Account;
    readonly ref: string;
    sha: string;
  };
  readonly base: { ref: string; sha: string };
  mergeability: Mergeability;
  merged: { readonly at: Date; readonly by: Account; readonly sha: string } | undefined;
  labels: string[];
  readonly reviews: Review[];
  readonly requestedReviewers: Account[];
  readonly requestedTeams: Team[];
  autoMerge: { readonly by: Account; readonly method: "merge" | "squash" | "rebase" } | undefined;
  /** Set while it is in the merge queue. */
  queuedBy?: Account | undefined;
  readonly createdAt: Date;
  updatedAt: Date;
  closedAt: Date | undefined;
}

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly repository: Repository;
  title: string;
  /** Null where nobody wrote one. */
  body: string | null;
  state: "open" | "closed";
  readonly author: Account;
  readonly viaApp: boolean;
  readonly createdAt: Date;
  updatedAt: Date;
  closedAt: Date | undefined;
}

/** GitHub works mergeability out in the background, after somebody asked; until then it says null. */
export type Mergeability =
  | { readonly state: "unknown"; readsLeft: number }
  | {
      readonly state: "known";
      readonly mergeable: boolean;
      readonly testMerge: string | undefined;
    };

export interface Review {
  readonly id: number;
  readonly author: Account;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";
  body: string;
  readonly commit: string;
  readonly submittedAt: Date;
}

export interface Comment {
  readonly id: number;
  readonly number: number;
  readonly author: Account;
  readonly viaApp: boolean;
  body: string;
  minimized: string | undefined;
  readonly reactions: Reaction[];
  readonly createdAt: Date;
  updatedAt: Date;
}

export interface Reaction {
  readonly id: number;
  readonly author: Account;
  readonly content: string;
  readonly createdAt: Date;
}

export interface CheckRun {
  readonly id: number;
  readonly suite: number;
  readonly headSha: string;
  /** Made by another app than the one under test. */
  readonly foreign: boolean;
  name: string;
  externalId: string;
  detailsUrl: string | null;
  status: string;
  conclusion: string | null;
  startedAt: string | null;
  completedAt: string | null;
  output: CheckOutput;
  actions: readonly unknown[];
}

export interface CheckOutput {
  readonly title: string | null;
  readonly summary: string | null;
  readonly text: string | null;
  /** Each call adds to them. */
  readonly annotations?: readonly unknown[];
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: "error" | "failure" | "pending" | "success";
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: Account;
  readonly createdAt: Date;
}

export interface Workflow {
  readonly id: number;
  readonly path: string;
}

export type RunState = "queued" | "in_progress" | "completed";

export interface WorkflowRun {
  readonly id: number;
  readonly jobId: number;
  readonly number: number;
  attempt: number;
  readonly repository: Repository;
  readonly workflow: Workflow;
  readonly workflowName: string;
  readonly title: string;
  readonly ref: string;
  readonly sha: string;
  readonly event: "workflow_dispatch";
  readonly inputs: Readonly<Record<string, string>>;
  readonly actor: Account;
  readonly requestToken: string;
  state: RunState;
  conclusion: string | null;
  readonly cancel: AbortController;
  readonly createdAt: Date;
  updatedAt: Date;
}

export interface PullDiff {
  readonly files: readonly DiffFile[];
  readonly commits: number;
}

/** Everything the double remembers, and the parts that act on it. */
export interface World {
  /** `http://127.0.0.1:<port>`, known once it listens. */
  origin: string;
  readonly dir: string;
  readonly now: () => Date;
  /** Hours of it pass in moments. */
  readonly clockIsDriven: boolean;
  readonly nextId: () => number;
  /** Of accounts: GraphQL tells those as numbers of 32 bits, so GitHub's are still smaller than that. */
  readonly nextAccountId: () => number;
  readonly accounts: Map<number, Account>;
  readonly organizations: Map<number, Organization>;
  readonly repositories: Map<number, Repository>;
  /** Former `owner/name` of a renamed repository → its id. */
  readonly redirects: Map<string, number>;
  readonly app: App;
  readonly installations: Map<number, Installation>;
  readonly tokens: Map<string, Token>;
  readonly deliveries: Deliveries;
  readonly faults: Faults;
  readonly journal: Journal;
  /** Refuses whoever calls too much; absent where nobody is refused. */
  readonly limiter: Limiter | undefined;
  readonly oidc: Oidc;
  /** Differences between commits, which never change. */
  readonly diffs: Map<string, Promise<PullDiff>>;
  /** Files of commits as GraphQL shows them, which never change either. */
  readonly fileNodes: Map<string, Promise<Readonly<Record<string, unknown>> | null>>;
  /** How many reads see mergeability null after head or base moved. */
  mergeabilityReads: number;
  /** What starts when a workflow run is queued; a test may start a real runner here. */
  onRun: ((run: WorkflowRun) => void) | undefined;
  /** Older GitHub Enterprise Server: refuses `return_run_details`. */
  returnsRunDetails: boolean;
}

/** A dependable node id: looks like GitHub's and holds the database id. */
export function nodeId(prefix: string, id: number): string {
  return `${prefix}_${Buffer.from(String(id)).toString("base64url")}`;
}

export function fullName(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`;
}

export function findAccount(world: World, login: string): Account | undefined {
  const wanted = login.toLowerCase();
  return [...world.accounts.values()].find((account) => account.login.toLowerCase() === wanted);
}

export function findRepository(world: World, owner: string, name: string): Repository | undefined {
  const wanted = `${owner}/${name}`.toLowerCase();
  return [...world.repositories.values()].find((r) => fullName(r).toLowerCase() === wanted);
}

/** The installation that covers a repository, if any does and is not suspended. */
export function installationOf(world: World, repository: Repository): Installation | undefined {
  return [...world.installations.values()].find(
    (i) =>
      i.account.id === repository.owner.id &&
      (i.repositories === undefined || i.repositories.has(repository.id)),
  );
}

const ROLES: readonly Role[] = ["read", "triage", "write", "maintain", "admin"];

export function roleAtLeast(has: Role | undefined, needs: Role): boolean {
  return has !== undefined && ROLES.indexOf(has) >= ROLES.indexOf(needs);
}

/** The strongest of: owner, organization admin, collaborator, team; read where the repository is public. */
export function roleOf(world: World, repository: Repository, account: Account): Role | undefined {
  if (repository.owner.id === account.id) return "admin";
  const organization = world.organizations.get(repository.owner.id);
  if (organization?.members.get(account.id) === "admin") return "admin";
  const roles: (Role | undefined)[] = [repository.collaborators.get(account.id)];
  for (const [slug, role] of repository.teams) {
    if (organization?.teams.get(slug)?.members.has(account.id) === true) roles.push(role);
  }
  if (!repository.private) roles.push("read");
  return roles.reduce(
    (best, role) => (role !== undefined && !roleAtLeast(best, role) ? role : best),
    undefined,
  );
}
