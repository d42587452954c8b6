import { type Api, type Call, ok, repositoryRoute, route } from "../api.ts";
import { actor } from "../auth.ts";
import {
  organizationMembership,
  organizationSimple,
  publicUser,
  simpleUser,
  teamMembership,
} from "../shapes/account.ts";
import { rolePermissions } from "../shapes/repository.ts";
import { notFound, WireError } from "../wire-error.ts";
import {
  type Account,
  findAccount,
  type Organization,
  type Role,
  roleOf,
  type World,
} from "../world.ts";

const METADATA = { permissions: ["metadata"], level: "read" } as const;

/** The old four-step word of a role, in the field `permission`. */
const LEGACY: Readonly<Record<Role, string>> = {
  read: "read",
  triage: "read",
  write: "write",
  maintain: "write",
  admin: "admin",
};

export function accountRoutes(world: World, api: Api): void {
  route(world, api, "get", "/user", "user", (call) =>
    ok(publicUser(world, actor(world, call.caller))),
  );
  route(world, api, "get", "/users/:username", "any", (call) =>
    ok(publicUser(world, accountNamed(world, call.param("username")))),
  );
  route(world, api, "get", "/user/:id", "any", (call) => {
    const account = world.accounts.get(Number(call.param("id")));
    if (account === undefined) throw notFound();
    return ok(publicUser(world, account));
  });
  route(world, api, "get", "/user/orgs", "user", (call) => {
    const me = actor(world, call.caller);
    const mine = [...world.organizations.values()].filter((o) => o.members.has(me.id));
    return ok(mine.map((o) => organizationSimple(world, o.account)));
  });
  route(world, api, "get", "/orgs/:org/memberships/:username", "any", (call) => {
    const organization = organizationNamed(world, call);
    const account = accountNamed(world, call.param("username"));
    const role = organization.members.get(account.id);
    if (role === undefined) throw notFound();
    return ok(organizationMembership(world, organization, account, role));
  });
  route(world, api, "get", "/orgs/:org/teams/:team/memberships/:username", "any", (call) => {
    const { caller } = call;
    if (caller.kind === "installation" && caller.permissions["members"] === undefined) {
      throw new WireError(403, "Resource not accessible by integration");
    }
    const organization = organizationNamed(world, call);
    const account = accountNamed(world, call.param("username"));
    const team = organization.teams.get(call.param("team"));
    if (team === undefined || !team.members.has(account.id)) throw notFound();
    return ok(teamMembership(world, organization, team, account));
  });
  repositoryRoute(world, api, "get", "/collaborators/:username", METADATA, ({ repo, param }) => {
    const account = accountNamed(world, param("username"));
    if (!repo.collaborators.has(account.id) && roleOf(world, repo, account) === undefined)
      throw notFound();
    return { status: 204 };
  });
  repositoryRoute(
    world,
    api,
    "get",
    "/collaborators/:username/permission",
    METADATA,
    ({ repo, param }) => {
      const account = accountNamed(world, param("username"));
      const role = roleOf(world, repo, account);
      const user = {
        ...simpleUser(world, account),
        permissions: rolePermissions(role),
        role_name: role ?? "none",
      };
      return ok({
        permission: role === undefined ? "none" : LEGACY[role],
        role_name: role ?? "none",
        user,
      });
    },
  );
}

function accountNamed(world: World, login: string): Account {
  const account = findAccount(world, login);
  if (account === undefined) throw notFound();
  return account;
}

function organizationNamed(world: World, call: Call): Organization {
  const account = findAccount(world, call.param("org"));
  const organization = account === undefined ? undefined : world.organizations.get(account.id);
  if (organization === undefined) throw notFound();
  return organization;
}
