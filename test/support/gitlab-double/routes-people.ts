import type { Context, Hono } from "hono";
import { callerOf, enter, notFound, page, userOf } from "./enter.ts";
import type { Group, Membership, User } from "./forge.ts";
import { hookShape, userShape } from "./shapes.ts";
import { userCalled } from "./users.ts";
import type { Project, World } from "./world.ts";

export function peopleRoutes(world: World, app: Hono): void {
  const unauthorized = (c: Context) => c.json({ message: "401 Unauthorized" }, 401);
  app.get("/api/v4/user", (c) => {
    const caller = callerOf(world, c);
    if (caller === undefined) return unauthorized(c);
    return c.json(userShape(world, userOf(world, caller)));
  });
  app.get("/api/v4/personal_access_tokens/self", (c) => {
    const caller = callerOf(world, c);
    if (caller === undefined) return unauthorized(c);
    return c.json({
      id: caller.id,
      name: caller.login,
      revoked: false,
      active: true,
      scopes: ["api"],
      user_id: caller.id,
      created_at: world.now().toISOString(),
      last_used_at: world.now().toISOString(),
      expires_at: caller.expiresAt ?? null,
    });
  });
  app.get("/api/v4/projects/:id/hooks", (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    if (asked.caller.role !== "maintainer") return c.json({ message: "403 Forbidden" }, 403);
    const now = world.now();
    return c.json(page(c, asked.project.forge.hooks).map((hook) => hookShape(hook, now)));
  });
  app.get("/api/v4/users", (c) => {
    if (callerOf(world, c) === undefined) return unauthorized(c);
    const user = userCalled(world, c.req.query("username") ?? "");
    return c.json(user === undefined ? [] : [userShape(world, user)]);
  });
  app.get("/api/v4/projects/:id/members/all/:user", (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const id = Number(c.req.param("user"));
    return member(world, c, id, strongest(world, asked.project, id));
  });
  app.get("/api/v4/groups/:id/members/:user", (c) => {
    if (callerOf(world, c) === undefined) return unauthorized(c);
    const group = groupAt(world, c.req.param("id"));
    if (group === undefined) return notFound(c, "Group");
    const id = Number(c.req.param("user"));
    return member(world, c, id, group.members.get(id));
  });
}

export function groupAt(world: World, path: string): Group | undefined {
  const wanted = path.toLowerCase();
  return [...world.groups.values()].find((group) => group.path.toLowerCase() === wanted);
}

/** Of the project and of all groups above it the one that allows most. */
function strongest(world: World, project: Project, user: number): Membership | undefined {
  const above = [...world.groups.values()].filter(({ path }) =>
    project.path.startsWith(`${path}/`),
  );
  return [project.forge.members, ...above.map(({ members }) => members)]
    .flatMap((members) => members.get(user) ?? [])
    .toSorted((a, b) => b.level - a.level)[0];
}

function member(
  world: World,
  c: Context,
  id: number,
  membership: Membership | undefined,
): Response {
  const user: User | undefined = world.users.get(id);
  if (user === undefined || membership === undefined) {
    return c.json({ message: "404 Not found" }, 404);
  }
  return c.json({
    ...userShape(world, user),
    access_level: membership.level,
    created_at: world.now().toISOString(),
    expires_at: membership.expiresAt ?? null,
    membership_state: "active",
  });
}
