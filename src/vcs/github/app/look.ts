import { z } from "zod";
import type { VcsFailure, VcsResult } from "../../../ports/vcs.ts";
import { type GithubClient, ok } from "../client.ts";
import { deliveryListSchema } from "../schema.ts";

/** Of so many installations the repositories are listed; somebody with more looks at GitHub's own pages. */
const INSTALLATIONS_LISTED = 25;
const REPOSITORIES_LISTED = 100;
const DELIVERIES_LISTED = 30;

const id = z.union([z.number().int(), z.bigint()]).transform(String);
const levels = z.record(z.string(), z.string());

const selfSchema = z.object({
  id,
  slug: z.string().optional(),
  name: z.string(),
  html_url: z.string(),
  owner: z.object({ login: z.string().optional(), type: z.string().optional() }).nullish(),
  permissions: levels,
  events: z.array(z.string()),
});

const hookSchema = z.object({
  url: z.string().optional(),
  content_type: z.string().optional(),
  secret: z.string().optional(),
  insecure_ssl: z.union([z.string(), z.number()]).optional(),
});

const installationListSchema = z.array(
  z.object({
    id,
    html_url: z.string(),
    account: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullable(),
    permissions: levels,
    events: z.array(z.string()),
    suspended_at: z.string().nullish(),
    repository_selection: z.string(),
  }),
);

const repositoriesSchema = z.object({
  total_count: z.number().int(),
  repositories: z.array(z.object({ full_name: z.string() })),
});

export interface AppSelf {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly url: string;
  readonly owner: { readonly login: string; readonly isOrganization: boolean } | undefined;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
}

export interface AppHook {
  readonly url: string;
  readonly json: boolean;
  readonly hasSecret: boolean;
  readonly verifiesTls: boolean;
}

export interface AppDelivery {
  readonly at: string;
  readonly event: string;
  readonly status: number;
}

export interface AppInstallation {
  readonly id: string;
  readonly account: string;
  readonly url: string;
  readonly suspended: boolean;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly all: boolean;
  /** Undefined where they could not be listed. */
  readonly repositories: { readonly total: number; readonly names: readonly string[] } | undefined;
}

/** What GitHub says about an App of ours. Each part by itself: one that fails hides none of the others. */
export interface AppFacts {
  readonly self: VcsResult<AppSelf>;
  readonly hook: VcsResult<AppHook>;
  readonly deliveries: VcsResult<readonly AppDelivery[]>;
  readonly installations: VcsResult<readonly AppInstallation[]>;
}

export async function lookAtApp(client: GithubClient): Promise<AppFacts> {
  const self = await readSelf(client);
  // Without the right key nothing else is answered either.
  if (self.kind !== "ok") return { self, hook: self, deliveries: self, installations: self };
  const [hook, deliveries, installations] = await Promise.all([
    readHook(client),
    readDeliveries(client),
    readInstallations(client),
  ]);
  return { self, hook, deliveries, installations };
}

export async function readSelf(client: GithubClient): Promise<VcsResult<AppSelf>> {
  const answer = await client.call("app", "GET /app", {}, selfSchema);
  if (answer.kind !== "ok") return answer;
  const { id: appId, slug, name, html_url: url, owner, permissions, events } = answer.value;
  return ok({
    id: appId,
    slug: slug ?? url.split("/").at(-1) ?? "",
    name,
    url,
    owner:
      owner?.login === undefined
        ? undefined
        : { login: owner.login, isOrganization: owner.type === "Organization" },
    permissions,
    events,
  });
}

async function readHook(client: GithubClient): Promise<VcsResult<AppHook>> {
  const answer = await client.call("app", "GET /app/hook/config", {}, hookSchema);
  if (answer.kind !== "ok") return answer;
  const { url, content_type: type, secret, insecure_ssl: insecure } = answer.value;
  return ok({
    url: url ?? "",
    json: type === "json",
    hasSecret: secret !== undefined && secret !== "",
    verifiesTls: String(insecure ?? "0") === "0",
  });
}

/** Newest first. */
async function readDeliveries(client: GithubClient): Promise<VcsResult<readonly AppDelivery[]>> {
  const wanted = { per_page: DELIVERIES_LISTED };
  const answer = await client.call("app", "GET /app/hook/deliveries", wanted, deliveryListSchema);
  if (answer.kind !== "ok") return answer;
  return ok(
    answer.value.map(({ delivered_at: at, event, status_code: status }) => ({ at, event, status })),
  );
}

async function readInstallations(
  client: GithubClient,
): Promise<VcsResult<readonly AppInstallation[]>> {
  const listed = await client.pages("app", "GET /app/installations", {}, installationListSchema);
  if (listed.kind !== "ok") return listed;
  return ok(
    await Promise.all(
      listed.value.map(async (one, index) => {
        const suspended = one.suspended_at != null;
        const isListed = !suspended && index < INSTALLATIONS_LISTED;
        return {
          id: one.id,
          account: one.account?.login ?? one.account?.slug ?? one.id,
          url: one.html_url,
          suspended,
          permissions: one.permissions,
          events: one.events,
          all: one.repository_selection === "all",
          repositories: isListed ? await readRepositories(client, one.id) : undefined,
        };
      }),
    ),
  );
}

async function readRepositories(
  client: GithubClient,
  installation: string,
): Promise<AppInstallation["repositories"]> {
  const wanted = { per_page: REPOSITORIES_LISTED };
  const route = "GET /installation/repositories";
  const answer = await client.call({ installation }, route, wanted, repositoriesSchema);
  if (answer.kind !== "ok") return undefined;
  const { total_count: total, repositories } = answer.value;
  return { total, names: repositories.map((one) => one.full_name) };
}

/** Where webhooks go, and what they are signed with. */
export async function setHook(
  client: GithubClient,
  url: string,
  secret: string,
): Promise<VcsFailure | undefined> {
  // Beside the route a parameter of the name `url` would be taken for the address of the call itself.
  const data = { url, secret, content_type: "json", insecure_ssl: "0" };
  const set = await client.send("app", "PATCH /app/hook/config", { data });
  return set.kind === "ok" ? undefined : set;
}
