import { type CentralNow, differences } from "../core/reconcile.ts";
import type { KnownRepository } from "../ports/engine-store.ts";
import { byHost } from "./by-host.ts";
import { newEventId } from "./perform.ts";
import type { EnginePorts } from "./ports.ts";

/** How often the VCS is asked for the open pull requests of a repository; an answer that did not change costs little. */
const EVERY_MS = 10 * 60_000;
/** One tick looks at so many repositories; every server takes others. */
const REPOSITORIES_MAX = 10;

/**
 * S21: compares what the VCS lists with what we know, so that no lost webhook is lost for good. Gives how much no
 * webhook had told us.
 */
export async function reconcile(ports: EnginePorts): Promise<number> {
  let recovered = 0;
  const taken = await ports.store.takeRepositories(EVERY_MS, REPOSITORIES_MAX);
  const hostOf = ({ repository }: KnownRepository) => repository.vcs;
  await byHost(taken, hostOf, async (known) => {
    try {
      const found = await reconcileOne(known, ports);
      recovered += found;
    } catch (error) {
      const { fullName } = known.repository.ref;
      ports.log.warn({ err: error, repository: fullName }, "a repository could not be looked at");
    }
  });
  return recovered;
}

async function reconcileOne(known: KnownRepository, ports: EnginePorts): Promise<number> {
  const { repository, pullRequests, sinceMs } = known;
  const { vcs, ref, defaultBranch } = repository;
  // A VCS that was configured once and is not any more has nobody to ask.
  const adapter = await ports.vcs.get(vcs);
  const open = await adapter?.openPullRequests(ref);
  if (open?.kind === "forbidden" || open?.kind === "not_found") {
    await ports.store.doubtRepository(repository.id);
  }
  if (open?.kind !== "ok") return 0;
  // Asked only where something could be found by it.
  const merged = pullRequests.some(({ closed }) => closed)
    ? await adapter?.mergedPullRequests?.(ref)
    : undefined;
  const central = await centralOf(known, ports);
  const listed = { open: open.value, merged: merged?.kind === "ok" ? merged.value : [] };
  const { again, found } = differences(pullRequests, listed, sinceMs, central);
  for (const { id, lost } of again) {
    const hint = lost ? "recovered" : "looked_again";
    await ports.store.append(id, newEventId(ports), { kind: "pull_request_changed", hint });
  }
  for (const number of found) {
    await ports.store.intake({
      vcs,
      deliveryId: `recovered-${newEventId(ports)}`,
      repository: ref,
      defaultBranch,
      target: { kind: "pull_request", number },
      happening: { kind: "pull_request_changed", hint: "recovered" },
    });
  }
  const recovered = again.filter((one) => one.lost).length + found.length;
  if (recovered > 0) {
    ports.log.warn(
      { repository: ref.fullName, recovered },
      "webhooks were lost; found what they were about",
    );
  }
  return recovered;
}

/** Also its webhooks are lost at times, and an owner's other repositories are told by nobody else. */
async function centralOf(
  { repository, pullRequests }: KnownRepository,
  ports: EnginePorts,
): Promise<CentralNow> {
  const vcs = await ports.vcs.get(repository.vcs);
  const isUsed = pullRequests.some(({ open, central }) => open && central !== undefined);
  // Where nobody decided with one, it shows with the next event whether there is one by now.
  if (vcs === undefined || !isUsed) return { kind: "unknown" };
  const found = await ports.centralHeads.find(vcs, repository.ref);
  return found.kind === "ok" ? { kind: "known", commit: found.value?.commit } : { kind: "unknown" };
}
