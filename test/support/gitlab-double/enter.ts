import type { Context } from "hono";
import type { MergeRequest, User } from "./forge.ts";
import type { Caller, Project, World } from "./world.ts";

export interface Asked {
  readonly project: Project;
  readonly caller: Caller;
}

export function callerOf(world: World, c: Context): Caller | undefined {
  const bearer = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1];
  return world.tokens.get(c.req.header("private-token") ?? bearer ?? "");
}

/** Who calls, and about which project: whoever may not see it is told that it is not there. */
export function enter(world: World, c: Context): Asked | Response {
  const caller = callerOf(world, c);
  if (caller === undefined) return c.json({ message: "401 Unauthorized" }, 401);
  const project = findProject(world, c.req.param("id") ?? "");
  if (project === undefined) return c.json({ message: "404 Project Not Found" }, 404);
  return { project, caller };
}

/** By id, or by the whole path; the case of letters does not count. */
export function findProject(world: World, id: string): Project | undefined {
  if (/^\d+$/.test(id)) return world.projects.get(Number(id));
  const path = id.toLowerCase();
  return [...world.projects.values()].find((project) => project.path.toLowerCase() === path);
}

export function userOf(world: World, caller: Caller): User {
  const user = world.users.get(caller.id);
  if (user === undefined) throw new Error(`nobody is ${caller.id}`);
  return user;
}

export function notFound(c: Context, what: string): Response {
  return c.json({ message: `404 ${what} Not Found` }, 404);
}

type Handler = (asked: Asked & { readonly request: MergeRequest }) => Response | Promise<Response>;

export async function withMergeRequest(
  world: World,
  c: Context,
  answer: Handler,
): Promise<Response> {
  const asked = enter(world, c);
  if (asked instanceof Response) return asked;
  const request = asked.project.forge.mergeRequests.get(Number(c.req.param("iid")));
  if (request === undefined) return c.json({ message: "404 Not found" }, 404);
  return await answer({ ...asked, request });
}

/** One page, with the header that names the next one. */
export function page<T>(c: Context, all: readonly T[]): readonly T[] {
  const size = Math.min(Number(c.req.query("per_page") ?? 20), 100);
  const number = Number(c.req.query("page") ?? 1);
  const from = (number - 1) * size;
  c.header("x-next-page", from + size < all.length ? String(number + 1) : "");
  return all.slice(from, from + size);
}
