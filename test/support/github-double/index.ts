import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerType } from "@hono/node-server";
import { Deliveries } from "./deliveries.ts";
import { Faults } from "./faults.ts";
import { Journal } from "./journal.ts";
import { type EnforcedLimits, Limiter } from "./limiter.ts";
import { issuerOf, Oidc } from "./oidc.ts";
import { TREE_ENTRIES_MAX } from "./routes/code.ts";
import { PULL_LIMITS } from "./routes/pulls.ts";
import { type Limits, listen, requestHandler } from "./server.ts";
import { apiUrl } from "./shapes/account.ts";
import type { AccessLevel, Account, Installation, Organization, World } from "./world.ts";
import { findAccount } from "./world.ts";

/** Beyond 32 bits, as GitHub's newer ids of all but accounts are: a column that is too small shows. */
const FIRST_ID = 4_294_967_301;
const FIRST_ACCOUNT_ID = 240_000_000;
const APP_ID = 1_004_711;
const BIRTHDAY = new Date("2024-01-02T03:04:05Z");

export interface DoubleOptions {
  /** Where webhooks go; can be set later with `sendWebhooksTo`. */
  readonly webhook?: { readonly url: string; readonly secret: string };
  readonly now?: () => Date;
  readonly clockIsDriven?: boolean;
  /** GitHub's limits for callers, to be refused by. */
  readonly enforced?: EnforcedLimits;
  readonly slug?: string;
  /** Smaller caps than GitHub's, so that tests reach them. */
  readonly limits?: Partial<Limits>;
}

export interface GitHubDouble {
  /** Where people look: `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly apiUrl: string;
  readonly issuer: string;
  readonly app: {
    readonly id: number;
    readonly slug: string;
    readonly clientId: string;
    readonly privateKey: string;
  };
  readonly world: World;
  readonly faults: Faults;
  readonly deliveries: Deliveries;
  readonly oidc: Oidc;
  sendWebhooksTo(url: string, secret: string): void;
  user(login: string): Account;
  organization(login: string, members?: Readonly<Record<string, "member" | "admin">>): Organization;
  team(organization: Organization, slug: string, members: readonly Account[]): void;
  install(owner: Account, options?: InstallOptions): Installation;
  tokenFor(account: Account): string;
  /** Every mismatch with GitHub's own descriptions, in requests, answers and webhooks. */
  violations(): ReturnType<Journal["violations"]>;
  calls(): Readonly<Record<string, number>>;
  events(): Readonly<Record<string, number>>;
  /** Resolves when every webhook was answered. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface InstallOptions {
  readonly repositories?: readonly { readonly id: number }[];
  readonly permissions?: Readonly<Record<string, AccessLevel>>;
  readonly events?: readonly string[];
}

/** What our app asks for, and no more. */
export const APP_PERMISSIONS: Readonly<Record<string, AccessLevel>> = {
  actions: "write",
  checks: "write",
  contents: "write",
  issues: "write",
  members: "read",
  metadata: "read",
  pull_requests: "write",
  statuses: "read",
  workflows: "write",
};

/** What our app is told of. */
const APP_EVENTS: readonly string[] = [
  "check_run",
  "check_suite",
  "issue_comment",
  "pull_request",
  "pull_request_review",
  "push",
  "repository",
  "workflow_run",
];

/** A GitHub of its own, on real bare repositories, judged by GitHub's own descriptions. */
export async function startGitHubDouble(options: DoubleOptions = {}): Promise<GitHubDouble> {
  const dir = await mkdtemp(join(tmpdir(), "github-double-"));
  const world = newWorld(dir, options);
  const limits: Limits = { ...PULL_LIMITS, treeEntries: TREE_ENTRIES_MAX, ...options.limits };
  const handler = requestHandler(world, limits, (owner) => install(world, owner, {}));
  const { server, port } = await listen(handler);
  world.origin = `http://127.0.0.1:${port}`;
  return facade(world, server);
}

function newWorld(dir: string, options: DoubleOptions): World {
  let id = FIRST_ID;
  const nextId = () => (id += 1);
  const accounts = new Map<number, Account>();
  let accountId = FIRST_ACCOUNT_ID;
  const nextAccountId = () => (accountId += 1);
  const account = (login: string, type: Account["type"]): Account => {
    const made = { id: nextAccountId(), login, type, createdAt: BIRTHDAY };
    accounts.set(made.id, made);
    return made;
  };
  const slug = options.slug ?? "terrane";
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    origin: "",
    dir,
    now: options.now ?? (() => new Date()),
    limiter: options.enforced && new Limiter(options.enforced),
    clockIsDriven: options.clockIsDriven ?? false,
    nextId,
    nextAccountId,
    accounts,
    organizations: new Map(),
    repositories: new Map(),
    redirects: new Map(),
    app: {
      id: APP_ID,
      clientId: "Iv23liTerraneDouble00",
      slug,
      name: slug,
      permissions: APP_PERMISSIONS,
      events: APP_EVENTS,
      setupUrl: undefined,
      owner: account("terrane-owner", "User"),
      bot: account(`${slug}[bot]`, "Bot"),
      publicKey: keys.publicKey,
      // GitHub hands out PKCS#1.
      privateKeyPem: keys.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      hookId: nextId(),
      webhook: options.webhook,
    },
    installations: new Map(),
    tokens: new Map(),
    deliveries: new Deliveries(),
    faults: new Faults(),
    journal: new Journal(),
    oidc: new Oidc(),
    diffs: new Map(),
    fileNodes: new Map(),
    mergeabilityReads: 1,
    onRun: undefined,
    returnsRunDetails: true,
  };
}

function facade(world: World, server: ServerType): GitHubDouble {
  const newAccount = (login: string, type: Account["type"]): Account => {
    const old = findAccount(world, login);
    if (old !== undefined) return old;
    const made: Account = { id: world.nextAccountId(), login, type, createdAt: BIRTHDAY };
    world.accounts.set(made.id, made);
    return made;
  };
  const user = (login: string) => newAccount(login, "User");
  return {
    url: world.origin,
    apiUrl: apiUrl(world),
    issuer: issuerOf(world),
    app: {
      id: world.app.id,
      slug: world.app.slug,
      clientId: world.app.clientId,
      privateKey: world.app.privateKeyPem,
    },
    world,
    faults: world.faults,
    deliveries: world.deliveries,
    oidc: world.oidc,
    sendWebhooksTo: (url, secret) => {
      world.app.webhook = { url, secret };
    },
    user,
    organization: (login, members = {}) => {
      const account = newAccount(login, "Organization");
      const organization: Organization = { account, members: new Map(), teams: new Map() };
      for (const [name, role] of Object.entries(members))
        organization.members.set(user(name).id, role);
      world.organizations.set(account.id, organization);
      return organization;
    },
    team: (organization, slug, members) => {
      organization.teams.set(slug, {
        id: world.nextId(),
        slug,
        members: new Set(members.map((m) => m.id)),
        invited: new Set(),
      });
    },
    install: (owner, wanted = {}) => install(world, owner, wanted),
    tokenFor: (account) => {
      const token = `ghp_${randomUUID()}`;
      world.tokens.set(token, { kind: "user", account, expiresAt: undefined });
      return token;
    },
    violations: () => world.journal.violations(),
    calls: () => world.journal.calls(),
    events: () => world.journal.events(),
    settled: () => world.deliveries.settled(),
    close: async () => {
      await world.deliveries.settled();
      await new Promise((resolve) => {
        server.close(resolve);
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      await rm(world.dir, { recursive: true, force: true });
    },
  };
}

function install(world: World, owner: Account, wanted: InstallOptions): Installation {
  const installation: Installation = {
    id: world.nextId(),
    account: owner,
    repositories:
      wanted.repositories === undefined ? undefined : new Set(wanted.repositories.map((r) => r.id)),
    permissions: { ...(wanted.permissions ?? world.app.permissions) },
    events: wanted.events ?? ["*"],
    suspendedAt: undefined,
    createdAt: world.now(),
  };
  world.installations.set(installation.id, installation);
  return installation;
}
