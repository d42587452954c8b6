import { randomBytes } from "node:crypto";
import type { User } from "./forge.ts";
import type { Caller, World } from "./world.ts";

export function newUser(world: World, username: string): User {
  const user: User = { id: world.nextId++, username, state: "active" };
  world.users.set(user.id, user);
  return user;
}

export function userCalled(world: World, username: string): User | undefined {
  const wanted = username.toLowerCase();
  return [...world.users.values()].find((user) => user.username.toLowerCase() === wanted);
}

/** With which somebody acts in every project as if they had this role. */
export function tokenOf(world: World, { id, username }: User, role: Caller["role"]): string {
  const token = `glpat-${randomBytes(12).toString("hex")}`;
  world.tokens.set(token, { id, login: username, role });
  return token;
}
