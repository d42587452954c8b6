import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type {
  LocalEnd,
  LocalPlace,
  LocalRunner,
  LocalUnit,
  LocalWatch,
  LocalWork,
} from "../cli/local/local-runner.ts";
import type { FinishBody, WorkItem, WorkUnit } from "../contract/work.ts";
import type { RunId } from "../core/ids.ts";
import { userCacheDirectory } from "../hcl/file-cache.ts";
import { workUnit } from "../http/work-item.ts";
import { workHook } from "../http/work-step.ts";
import type { Host, HostEnv } from "../runner/host/host.ts";
import { LocalClient } from "../runner/local-client.ts";
import { runJob } from "../runner/run-job.ts";
import { Stop } from "../runner/stop.ts";
import { failureOf } from "../runner/text.ts";
import { ENGINE_SITES } from "./engine-sites.ts";
import { stopOnSignals } from "./stop-on-signals.ts";

const GRACE_MS = 30_000;
/** No server is waited for, so there is none to lose contact with. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;
const HEARTBEAT_SECONDS = 3_600;
const PARALLEL_MAX = 64;
const RUN_ID = "local" as RunId;

/** The runner of CI jobs, on a checkout of this machine. Its plans last until it is closed. */
export async function openLocal(place: LocalPlace, env: HostEnv): Promise<LocalRunner> {
  const folder = await mkdtemp(join(tmpdir(), "terrane-local-"));
  const stop = new Stop();
  const stopListening = stopOnSignals(stop, "You stopped it");
  const sealKey = randomBytes(32).toString("base64");
  return {
    run: (work, watch) => run(itemOf(place, work, sealKey), { place, env, folder, stop, watch }),
    async close() {
      stopListening();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly place: LocalPlace;
  readonly env: HostEnv;
  readonly folder: string;
  readonly stop: Stop;
  readonly watch: LocalWatch;
}

async function run(
  item: WorkItem,
  { place, env, folder, stop, watch }: Running,
): Promise<LocalEnd> {
  const client = new LocalClient(item, join(folder, "plans"), watch);
  const host: Host = {
    serverUrl: "http://localhost",
    attempt: RUN_ID,
    identityToken: () => Promise.resolve(""),
    workDir: folder,
    checkoutDir: place.root,
    source: undefined,
    stateDir: undefined,
    log: watch.log,
    // It was shown piece by piece where somebody wanted to see it.
    openGroup: () => ({ write: () => undefined, end: () => undefined }),
  };
  await runJob({
    host,
    env: environment(env),
    stop,
    graceMs: GRACE_MS,
    contactLostMs: NEVER_MS,
    indexDigest: undefined,
    engineSites: ENGINE_SITES,
    withoutServer: client,
  });
  return endOf(client.end);
}

function endOf(end: FinishBody | undefined): LocalEnd {
  const hook = [...(end?.hooks?.pre ?? []), ...(end?.hooks?.post ?? [])].find(
    ({ outcome }) => outcome === "failed",
  );
  const failed =
    hook === undefined
      ? undefined
      : failureOf(hook.step, `A hook did not work: ${hook.title}.`, {
          tail: hook.text,
          exitCode: hook.exitCode,
        });
  return { failure: end?.failure ?? failed, gates: end?.gates };
}

/** A person plans again and again: what was fetched once is kept, beside what the workbench keeps. */
function environment(env: HostEnv): HostEnv {
  const cache = dirname(userCacheDirectory({ ...env }));
  const { TERRANE_SEAL_KEY: _theirs, ...rest } = env;
  return { TERRANE_TOOL_CACHE: join(cache, "tools"), TERRANE_CACHE_DIR: cache, ...rest };
}

function itemOf(place: LocalPlace, work: LocalWork, sealKey: string): WorkItem {
  const { hooks } = work.settings;
  return {
    runId: RUN_ID,
    kind: work.kind,
    repository: { fullName: place.repository, cloneUrl: null },
    pullRequest: { number: 0, headRef: place.branch, baseRef: place.destBranch },
    headSha: place.commit,
    baseSha: place.commit,
    reviewedSha: place.commit,
    prepares: [],
    parallel: Math.min(Math.max(Math.trunc(work.parallel), 1), PARALLEL_MAX),
    units: work.units.map((unit) => unitOf(work.kind, unit)),
    hooks: {
      pre: withoutIdentity(hooks.pre.map(workHook)),
      post: withoutIdentity(hooks.post.map(workHook)),
    },
    // Wherever the plans of pull requests wait, these are nobody else's.
    storage: { method: "server" },
    trigger: "pr",
    // What asks for an approval is not applied here at all.
    keepsGates: true,
    sealKey,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    dashboardUrl: null,
  };
}

function unitOf(kind: WorkItem["kind"], { key, affected, after, planDigest }: LocalUnit): WorkUnit {
  const plan = planDigest === undefined ? undefined : { runId: RUN_ID, digest: planDigest };
  const unit = workUnit(kind, { dirspace: key, affected, after, plan });
  return { ...unit, steps: withoutIdentity(unit.steps) };
}

/** A person has no identity of a CI job to exchange; whoever is signed in to the cloud is it already. */
function withoutIdentity<T extends { readonly type: string }>(steps: readonly T[]): T[] {
  return steps.filter(({ type }) => type !== "oidc");
}
