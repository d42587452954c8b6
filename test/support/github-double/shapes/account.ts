import type { Json } from "../spec/description.ts";
import { type Account, nodeId, type Organization, type Team, type World } from "../world.ts";

/** Where the API of the double is; the layout of GitHub Enterprise Server. */
export function apiUrl(world: World): string {
  return `${world.origin}/api/v3`;
}

export function simpleUser(world: World, account: Account): Json {
  const api = `${apiUrl(world)}/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("U", account.id),
    avatar_url: `${world.origin}/avatars/u/${account.id}`,
    gravatar_id: "",
    url: api,
    html_url:
      account.type === "Bot"
        ? `${world.origin}/apps/${account.login.replace("[bot]", "")}`
        : `${world.origin}/${account.login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.type,
    user_view_type: "public",
    site_admin: false,
  };
}

export function publicUser(world: World, account: Account): Json {
  return {
    ...simpleUser(world, account),
    name: null,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt.toISOString(),
    updated_at: account.createdAt.toISOString(),
  };
}

export function organizationSimple(world: World, account: Account): Json {
  const api = `${apiUrl(world)}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("O", account.id),
    url: api,
    repos_url: `${api}/repos`,
    events_url: `${api}/events`,
    hooks_url: `${api}/hooks`,
    issues_url: `${api}/issues`,
    members_url: `${api}/members{/member}`,
    public_members_url: `${api}/public_members{/member}`,
    avatar_url: `${world.origin}/avatars/u/${account.id}`,
    description: null,
  };
}

export function teamMembership(
  world: World,
  organization: Organization,
  team: Team,
  account: Account,
): Json {
  const base = `${apiUrl(world)}/organizations/${organization.account.id}/team/${team.id}`;
  return {
    url: `${base}/memberships/${account.login}`,
    role: "member",
    state: team.invited.has(account.id) ? "pending" : "active",
  };
}

export function organizationMembership(
  world: World,
  organization: Organization,
  account: Account,
  role: "member" | "admin",
): Json {
  const api = `${apiUrl(world)}/orgs/${organization.account.login}`;
  return {
    url: `${api}/memberships/${account.login}`,
    state: "active",
    role,
    organization_url: api,
    organization: organizationSimple(world, organization.account),
    user: simpleUser(world, account),
  };
}

export function teamSimple(world: World, owner: Account, team: Team): Json {
  const base = `${apiUrl(world)}/organizations/${owner.id}/team/${team.id}`;
  return {
    id: team.id,
    node_id: nodeId("T", team.id),
    name: team.slug,
    slug: team.slug,
    description: null,
    privacy: "closed",
    notification_setting: "notifications_enabled",
    permission: "push",
    url: base,
    html_url: `${world.origin}/orgs/${owner.login}/teams/${team.slug}`,
    members_url: `${base}/members{/member}`,
    repositories_url: `${base}/repos`,
    type: "organization",
    organization_id: owner.id,
    parent: null,
  };
}
