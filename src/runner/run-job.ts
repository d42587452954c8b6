import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { claimAudience } from "../contract/runner-api.ts";
import type { Failure, UnitResult, WorkItem } from "../contract/work.ts";
import { type CheckoutOptions, checkout } from "./checkout.ts";
import { Client } from "./client.ts";
import type { ReleaseSites } from "./engine/install/site.ts";
import { LocalState } from "./engine/local-state.ts";
import { Toolchain } from "./engine/toolchain.ts";
import { warmEngines } from "./engine/warm.ts";
import { jobEnvironment } from "./environment.ts";
import { gitAccess } from "./git-access.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { CodeSource, Host, HostEnv } from "./host/host.ts";
import { Locks } from "./locks.ts";
import { environmentSecrets, Masker } from "./mask.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { ProviderCache } from "./providers/provider-cache.ts";
import { runUnits, type UnitsRunning } from "./run-units.ts";
import { sealKey } from "./seal.ts";
import type { Stop } from "./stop.ts";
import { failureOf } from "./text.ts";
import type { Job } from "./unit-state.ts";

export interface JobOptions {
  readonly host: Host;
  readonly env: HostEnv;
  readonly stop: Stop;
  readonly graceMs: number;
  readonly contactLostMs: number;
  /** SHA-256 of the program that reads code, where it is known. */
  readonly indexDigest: string | undefined;
  /** Where engines are published that this machine does not have. */
  readonly engineSites: ReleaseSites;
}

/** Exit codes: the colour of the CI job says whether everything worked. */
const WORKED = 0;
const FAILED = 1;
const SCRATCH = "scratch";

/** One CI job, from the claim to the last word to the server. */
export async function runJob(options: JobOptions): Promise<number> {
  const { host, env, stop } = options;
  const audience = claimAudience(host.serverUrl, host.attempt);
  const identity = await host.identityToken(audience);
  const client = new Client(host.serverUrl, identity, stop);
  const claimed = await client.claim(host.attempt, randomUUID());
  if (claimed.kind !== "ok") {
    const again = claimed.kind === "refused" && claimed.status === 409;
    const hint = again ? " This job has nothing to do; start a new run with a comment." : "";
    host.log(`The run could not be claimed: ${claimed.message}${hint}`);
    return FAILED;
  }
  const { credential } = claimed.value;
  const source = sourceOf(claimed.value.work, host);
  const work = withCloneUrl(claimed.value.work, source);
  client.bind(work.runId, credential);
  const masker = maskerFor(env, work, [identity, credential]);
  const root =
    work.repository.cloneUrl === null ? host.checkoutDir : join(host.workDir, "checkout");
  const job: Job = {
    work,
    client,
    stop,
    masker,
    root,
    locks: new Locks(),
    once: new Map(),
    localState: new LocalState(host.stateDir, work.repository.fullName),
    toolchain: new Toolchain({
      sites: options.engineSites,
      env: jobEnvironment(env, isFile),
      stop,
      folder: join(host.workDir, SCRATCH, "tools"),
      log: (line) => host.log(masker.mask(line)),
    }),
    providers: new ProviderCache({
      folder: join(env["TERRANE_CACHE_DIR"] ?? join(host.workDir, SCRATCH), "providers"),
      scratch: join(host.workDir, SCRATCH),
      stop,
      graceMs: options.graceMs,
    }),
    graceMs: options.graceMs,
    ownSealKey: sealKey(env["TERRANE_SEAL_KEY"] ?? ""),
  };
  if (job.ownSealKey === undefined && (env["TERRANE_SEAL_KEY"] ?? "") !== "") {
    // Falling back to the server's key would break what the key was set for.
    const message =
      "TERRANE_SEAL_KEY is not 32 bytes in base64. Correct the secret, then start the run again.";
    host.log(message);
    await client.finish(failureOf("seal", message));
    return FAILED;
  }
  return await runClaimed(job, source, options);
}

/** What the server names goes before what the CI file names, whose token is for the latter only. */
function sourceOf(work: WorkItem, host: Host): CodeSource | undefined {
  const { cloneUrl } = work.repository;
  return cloneUrl === null ? host.source : { cloneUrl, token: undefined };
}

function withCloneUrl(work: WorkItem, source: CodeSource | undefined): WorkItem {
  return { ...work, repository: { ...work.repository, cloneUrl: source?.cloneUrl ?? null } };
}

async function runClaimed(
  job: Job,
  source: CodeSource | undefined,
  options: JobOptions,
): Promise<number> {
  const { host, env, stop } = options;
  const { work, client } = job;
  const units: UnitsRunning = { running: () => [], applying: () => false };
  const stopHeartbeat = startHeartbeat(
    client,
    { running: () => units.running(), applying: () => units.applying() },
    stop,
    { everyMs: work.heartbeatSeconds * 1_000, contactLostMs: options.contactLostMs },
  );
  const scratch = join(host.workDir, SCRATCH);
  const log = (line: string) => host.log(job.masker.mask(line));
  log(`Run ${work.runId}: ${announced(work)}`);
  if (work.dashboardUrl !== null) log(work.dashboardUrl);
  let failure: Failure | null = null;
  let worked = false;
  try {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    const jobEnv = jobEnvironment(env, isFile);
    const checkoutOptions = {
      root: job.root,
      env: { ...jobEnv, ...gitAccess(source, jobEnv) },
      stop,
      graceMs: options.graceMs,
      log,
    };
    const ready = await readFirst(job, options, { source, scratch, checkout: checkoutOptions });
    if (ready.kind === "over") {
      worked = ready.finished;
    } else {
      const checkedOut =
        ready.kind === "ready"
          ? await checkout(ready.job.work, { ...checkoutOptions, ...ready.step })
          : ready;
      if (checkedOut.kind === "failed") {
        failure = maskedFailure(checkedOut.failure, job.masker);
        log(failure.message);
      }
      const preventedBy = failure?.message;
      const runnable = ready.kind === "ready" ? ready.job : job;
      // Nobody waits here: each unit waits for its own engine.
      if (failure === null) void warmEngines(runnable);
      const results = await runUnits(runnable, { host, env: jobEnv, scratch, units, preventedBy });
      worked = results.every(isFine);
    }
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    failure = maskedFailure(
      failureOf("runner", "The runner itself failed.", { tail: detail }),
      job.masker,
    );
    log(`${failure.message}\n${failure.tail}`);
  } finally {
    await cleanUp(job, scratch);
  }
  const finished = await client.finish(failure);
  stopHeartbeat();
  if (finished.kind !== "ok") log(`The end of the run could not be reported: ${finished.message}`);
  return failure === null && finished.kind === "ok" && worked ? WORKED : FAILED;
}

function announced({ kind, units, prepares = [], repository, pullRequest }: WorkItem): string {
  const what = prepares.length > 0 ? "reading the code" : `${kind} of ${units.length}`;
  return `${what} for ${repository.fullName}#${pullRequest.number}`;
}

interface ReadOptions {
  readonly source: CodeSource | undefined;
  readonly scratch: string;
  readonly checkout: CheckoutOptions;
}

type Ready =
  | { readonly kind: "ready"; readonly job: Job; readonly step: Pick<CheckoutOptions, "step"> }
  | Extract<Prepared, { kind: "over" | "failed" }>;

/** Where what to plan depends on the code, the code is read first and the units come after that. */
async function readFirst(
  job: Job,
  { host, env: environment, indexDigest: digest }: JobOptions,
  options: ReadOptions,
): Promise<Ready> {
  const { work, client, stop } = job;
  if ((work.prepares ?? []).length === 0) return { kind: "ready", job, step: {} };
  const head = await checkout(work, { ...options.checkout, step: "head" });
  if (head.kind === "failed") return head;
  const { scratch } = options;
  const { log } = options.checkout;
  const { serverUrl } = host;
  const prepared = await prepare(client, work, stop, {
    serverUrl,
    root: job.root,
    scratch,
    digest,
    environment,
    log,
  });
  if (prepared.kind !== "work") return prepared;
  const next = withCloneUrl(prepared.work, options.source);
  log(announced({ ...next, prepares: [] }));
  return { kind: "ready", job: { ...job, work: next }, step: { step: "again" } };
}

function isFine(result: UnitResult): boolean {
  return (
    result.outcome === "planned" || result.outcome === "applied" || result.outcome === "waiting"
  );
}

async function cleanUp(job: Job, scratch: string): Promise<void> {
  await job.localState.removeAll();
  await rm(scratch, { recursive: true, force: true });
  if (job.work.repository.cloneUrl !== null) await rm(job.root, { recursive: true, force: true });
}

function maskerFor(env: HostEnv, work: WorkItem, own: readonly string[]): Masker {
  const masker = new Masker();
  masker.addAll(environmentSecrets(env, isFile));
  masker.addAll([...own, work.sealKey]);
  const password = /^[a-z+]+:\/\/[^/@]*:([^/@]+)@/i.exec(work.repository.cloneUrl ?? "")?.[1];
  if (password !== undefined) masker.add(decodeURIComponent(password));
  return masker;
}

function maskedFailure(failure: Failure, masker: Masker): Failure {
  return {
    ...failure,
    message: masker.mask(failure.message),
    tail: masker.mask(failure.tail),
  };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
