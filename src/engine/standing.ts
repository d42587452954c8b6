import type { Doubted } from "../ports/standing-store.ts";
import { byHost } from "./by-host.ts";
import type { EnginePorts } from "./ports.ts";

/** One tick looks at so many. */
const LOOKS_MAX = 20;

/**
 * Asks the VCS how we stand where there is doubt: an app that was removed or suspended, a repository that was archived,
 * deleted, renamed or moved. A webhook says only that somebody should look (T7).
 */
export async function lookAtStanding(ports: EnginePorts): Promise<void> {
  const doubted = await ports.store.takeDoubted(LOOKS_MAX);
  const hostOf = ({ vcs }: { readonly vcs: string }) => vcs;
  await byHost(doubted.installations, hostOf, (one) =>
    tryTo(ports, { installation: one.installation }, () => lookAtInstallation(one, ports)),
  );
  await byHost(doubted.repositories, hostOf, (one) =>
    tryTo(ports, { repository: one.ref.fullName }, () => lookAtRepository(one, ports)),
  );
}

async function tryTo(
  ports: EnginePorts,
  what: object,
  look: () => Promise<boolean>,
): Promise<void> {
  try {
    if (await look()) ports.log.warn(what, "it stands otherwise than before");
  } catch (error) {
    ports.log.warn({ ...what, err: error }, "nobody could say how it stands");
  }
}

async function lookAtInstallation(
  { id, vcs, installation }: Doubted["installations"][number],
  ports: EnginePorts,
): Promise<boolean> {
  const adapter = await ports.vcs.get(vcs);
  if (adapter === undefined) return false;
  const found = (await adapter.installationState?.(installation)) ?? ok("active" as const);
  // The doubt stays, and the next look asks again.
  if (found.kind !== "ok") return false;
  return await ports.store.keepInstallation(id, found.value);
}

async function lookAtRepository(
  { id, vcs, ref, defaultBranch }: Doubted["repositories"][number],
  ports: EnginePorts,
): Promise<boolean> {
  const adapter = await ports.vcs.get(vcs);
  if (adapter === undefined) return false;
  const { installation, fullName } = ref;
  const asTold = { kind: "here", installation, fullName, defaultBranch, archived: false } as const;
  const found = (await adapter.repositoryStanding?.(ref)) ?? ok(asTold);
  if (found.kind !== "ok") return false;
  return await ports.store.keepRepository(id, found.value);
}

/** What a VCS that cannot be asked stands for. */
function ok<T>(value: T): { readonly kind: "ok"; readonly value: T } {
  return { kind: "ok", value };
}
