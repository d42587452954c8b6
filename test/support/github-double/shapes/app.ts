import type { Json } from "../spec/description.ts";
import { type Installation, nodeId, type World } from "../world.ts";
import { apiUrl, simpleUser } from "./account.ts";

/** The app as `GET /app` shows it, and as it signs comments and checks. */
export function appShape(world: World): Json {
  const { app } = world;
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: nodeId("A", app.id),
    owner: simpleUser(world, app.owner),
    name: app.name,
    description: null,
    external_url: "https://terrane.test",
    html_url: `${world.origin}/apps/${app.slug}`,
    created_at: app.owner.createdAt.toISOString(),
    updated_at: app.owner.createdAt.toISOString(),
    permissions: { metadata: "read", ...app.permissions },
    events: app.events,
  };
}

export function installationShape(world: World, installation: Installation): Json {
  const { account } = installation;
  return {
    id: installation.id,
    account: simpleUser(world, account),
    repository_selection: installation.repositories === undefined ? "all" : "selected",
    access_tokens_url: `${apiUrl(world)}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${apiUrl(world)}/installation/repositories`,
    html_url: `${world.origin}/organizations/${account.login}/settings/installations/${installation.id}`,
    app_id: world.app.id,
    client_id: world.app.clientId,
    app_slug: world.app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events.filter((event) => event !== "*"),
    created_at: installation.createdAt.toISOString(),
    updated_at: installation.createdAt.toISOString(),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_at: installation.suspendedAt?.toISOString() ?? null,
    suspended_by: installation.suspendedAt === undefined ? null : simpleUser(world, account),
  };
}
