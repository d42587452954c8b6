import { simpleUser } from "../shapes/account.ts";
import { installationShape } from "../shapes/app.ts";
import { type Account, fullName, type Installation, nodeId, type World } from "../world.ts";

/** Every app hears of its own installations, whatever it is subscribed to. */
function emitInstallation(
  world: World,
  installation: Installation,
  action: "created" | "deleted" | "suspend" | "unsuspend",
  by: Account,
): void {
  const covered = [...world.repositories.values()].filter(
    ({ id, owner }) =>
      owner.id === installation.account.id &&
      (installation.repositories === undefined || installation.repositories.has(id)),
  );
  const repositories = covered.map((repo) => ({
    id: repo.id,
    node_id: nodeId("R", repo.id),
    name: repo.name,
    full_name: fullName(repo),
    private: repo.private,
  }));
  world.deliveries.emit(world, "installation", undefined, installation.id, {
    action,
    installation: installationShape(world, installation),
    repositories,
    ...(action === "created" ? { requester: null } : {}),
    sender: simpleUser(world, by),
  });
}

export function uninstall(world: World, installation: Installation, by: Account): void {
  world.installations.delete(installation.id);
  for (const [value, token] of world.tokens) {
    if (token.kind === "installation" && token.installation === installation) {
      world.tokens.delete(value);
    }
  }
  emitInstallation(world, installation, "deleted", by);
}

/** Under an id that nobody has seen yet. */
export function installAgain(world: World, before: Installation, by: Account): Installation {
  const installation = { ...before, id: world.nextId(), createdAt: world.now() };
  world.installations.set(installation.id, installation);
  emitInstallation(world, installation, "created", by);
  return installation;
}

export function setSuspended(
  world: World,
  installation: Installation,
  suspended: boolean,
  by: Account,
): void {
  installation.suspendedAt = suspended ? world.now() : undefined;
  emitInstallation(world, installation, suspended ? "suspend" : "unsuspend", by);
}
