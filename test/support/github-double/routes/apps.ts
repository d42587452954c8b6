import { type Api, type Call, created, ok, page, repositoryRoute, route, text } from "../api.ts";
import { mintInstallationToken } from "../auth.ts";
import type { DeliveryRecord } from "../deliveries.ts";
import { apiUrl } from "../shapes/account.ts";
import { appShape, installationShape } from "../shapes/app.ts";
import { repository } from "../shapes/repository.ts";
import { field, isJson, type Json } from "../spec/description.ts";
import { notFound, WireError } from "../wire-error.ts";
import {
  type AccessLevel,
  type Installation,
  installationOf,
  type Repository,
  type World,
} from "../world.ts";

const METADATA = { permissions: ["metadata"], level: "read" } as const;

export function appRoutes(world: World, api: Api): void {
  route(world, api, "get", "/app", "app", () =>
    ok({ ...appShape(world), installations_count: world.installations.size }),
  );
  route(world, api, "get", "/app/installations", "app", (call) => {
    const { items, headers } = page(call, [...world.installations.values()]);
    return { status: 200, body: items.map((i) => installationShape(world, i)), headers };
  });
  route(world, api, "get", "/app/installations/:installation", "app", (call) =>
    ok(installationShape(world, installationAt(world, call))),
  );
  route(world, api, "post", "/app/installations/:installation/access_tokens", "app", (call) =>
    created(newToken(world, call, installationAt(world, call))),
  );
  // The app itself asks for this one, so it cannot go through a repository's permissions.
  route(world, api, "get", "/repos/:owner/:repo/installation", "app", (call) => {
    const repo = [...world.repositories.values()].find(
      (r) => r.owner.login === call.param("owner") && r.name === call.param("repo"),
    );
    const installation = repo === undefined ? undefined : installationOf(world, repo);
    if (installation === undefined) throw notFound();
    return ok(installationShape(world, installation));
  });
  for (const path of ["/orgs/:account/installation", "/users/:account/installation"]) {
    route(world, api, "get", path, "app", (call) => {
      const found = [...world.installations.values()].find(
        (i) => i.account.login === call.param("account"),
      );
      if (found === undefined) throw notFound();
      return ok(installationShape(world, found));
    });
  }
  route(world, api, "get", "/installation/repositories", "installation", (call) => {
    const mine = repositoriesOf(world, call);
    const { items, headers } = page(call, mine);
    const repositories = items.map((repo) => repository(world, repo));
    return { status: 200, body: { total_count: mine.length, repositories }, headers };
  });
  route(world, api, "delete", "/installation/token", "installation", (call) => {
    for (const [value, token] of world.tokens) {
      if (token.kind === "installation" && call.caller.kind === "installation") {
        if (token.installation === call.caller.installation) world.tokens.delete(value);
      }
    }
    return { status: 204 };
  });
  hookRoutes(world, api);
  repositoryRoute(world, api, "get", "/hooks", METADATA, () => ok([]));
}

function installationAt(world: World, call: Call): Installation {
  const installation = world.installations.get(Number(call.param("installation")));
  if (installation === undefined) throw notFound();
  return installation;
}

function covered(world: World, installation: Installation): readonly Repository[] {
  return [...world.repositories.values()].filter(
    (repo) => installationOf(world, repo) === installation,
  );
}

function repositoriesOf(world: World, call: Call): readonly Repository[] {
  if (call.caller.kind !== "installation") return [];
  const { installation, repositories } = call.caller;
  return covered(world, installation).filter(
    (r) => repositories === undefined || repositories.has(r.id),
  );
}

function newToken(world: World, call: Call, installation: Installation): Json {
  if (installation.suspendedAt !== undefined)
    throw new WireError(403, "This installation has been suspended");
  const names = field(call.body, "repositories");
  const ids = field(call.body, "repository_ids");
  const narrowed = Array.isArray(names) || Array.isArray(ids);
  const all = covered(world, installation);
  const chosen = all.filter(
    (repo) =>
      (Array.isArray(names) && names.includes(repo.name)) ||
      (Array.isArray(ids) && ids.includes(repo.id)),
  );
  const asked = (Array.isArray(names) ? names.length : 0) + (Array.isArray(ids) ? ids.length : 0);
  if (narrowed && chosen.length < asked) {
    throw new WireError(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  const permissions = narrowPermissions(installation, field(call.body, "permissions"));
  const repositories = narrowed ? new Set(chosen.map((repo) => repo.id)) : undefined;
  const { token, expiresAt } = mintInstallationToken(world, installation, {
    repositories,
    permissions,
  });
  return {
    token,
    expires_at: expiresAt.toISOString(),
    permissions,
    repository_selection: narrowed || installation.repositories !== undefined ? "selected" : "all",
    ...(narrowed ? { repositories: chosen.map((repo) => repository(world, repo)) } : {}),
  };
}

function narrowPermissions(
  installation: Installation,
  wanted: unknown,
): Record<string, AccessLevel> {
  if (!isJson(wanted)) return installation.permissions;
  const narrowed: Record<string, AccessLevel> = {};
  for (const [name, level] of Object.entries(wanted)) {
    const has = installation.permissions[name];
    if (has === undefined || (level === "write" && has !== "write")) {
      throw new WireError(422, "The permissions requested are not granted to this installation.");
    }
    narrowed[name] = level === "write" ? "write" : "read";
  }
  return narrowed;
}

function hookRoutes(world: World, api: Api): void {
  const config = () => ({
    content_type: "json",
    insecure_ssl: "0",
    // GitHub never shows it again.
    ...(world.app.webhook === undefined ? {} : { secret: "********", url: world.app.webhook.url }),
  });
  route(world, api, "get", "/app/hook/config", "app", () => ok(config()));
  route(world, api, "patch", "/app/hook/config", "app", (call) => {
    const { webhook } = world.app;
    world.app.webhook = {
      url: text(call, "url") ?? webhook?.url ?? "",
      secret: text(call, "secret") ?? webhook?.secret ?? "",
    };
    return ok(config());
  });
  route(world, api, "get", "/app/hook/deliveries", "app", (call) => {
    // Deliveries page by cursor, newest first; the cursor is opaque to callers.
    const size = Math.min(100, Number(call.query("per_page") ?? 30));
    const before = Number(call.query("cursor") ?? Number.POSITIVE_INFINITY);
    const older = world.deliveries.list(world).filter((d) => d.id < before);
    const items = older.slice(0, size);
    const last = items.at(-1);
    const next = new URL(call.url);
    if (last !== undefined) next.searchParams.set("cursor", String(last.id));
    const headers: Record<string, string> =
      older.length > size ? { link: `<${next.href}>; rel="next"` } : {};
    return { status: 200, body: items.map(deliveryItem), headers };
  });
  route(world, api, "get", "/app/hook/deliveries/:delivery", "app", (call) => {
    const found = world.deliveries.list(world).find((d) => d.id === Number(call.param("delivery")));
    if (found === undefined) throw notFound();
    return ok({
      ...deliveryItem(found),
      url: world.app.webhook?.url ?? "",
      request: { headers: found.requestHeaders, payload: found.payload },
      response: { headers: found.responseHeaders, payload: found.responseBody },
    });
  });
  route(world, api, "post", "/app/hook/deliveries/:delivery/attempts", "app", (call) => {
    const again = world.deliveries.redeliver(world, Number(call.param("delivery")));
    if (again === undefined) throw notFound();
    return { status: 202, body: {} };
  });
  route(world, api, "get", "/rate_limit", "any", () => {
    const budget = {
      limit: 5000,
      remaining: 5000,
      reset: Math.floor(world.now().getTime() / 1000) + 3600,
      used: 0,
    };
    return {
      status: 200,
      body: { resources: { core: budget, search: budget }, rate: budget },
      headers: { "x-api": apiUrl(world) },
    };
  });
}

function deliveryItem(delivery: DeliveryRecord): Json {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt.toISOString(),
    redelivery: delivery.redelivery,
    duration: delivery.durationSeconds,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}
