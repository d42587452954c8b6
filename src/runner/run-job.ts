import { statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { claimAudience } from "../contract/runner-api.ts";
import type { Failure, FinishBody, WorkItem } from "../contract/work.ts";
import { customAuthorities, trustAuthorities } from "./authorities.ts";
import { checkout } from "./checkout.ts";
import { Client, type ServerClient } from "./client.ts";
import type { ReleaseSites } from "./engine/install/site.ts";
import { LocalState } from "./engine/local-state.ts";
import { Toolchain } from "./engine/toolchain.ts";
import { warmEngines } from "./engine/warm.ts";
import { jobEnvironment } from "./environment.ts";
import { gitAccess } from "./git-access.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { type HooksStart, type Reported, runPostHooks, runPreHooks } from "./hooks.ts";
import type { CodeSource, Host, HostEnv } from "./host/host.ts";
import { JobSetup } from "./job-setup.ts";
import { Locks } from "./locks.ts";
import { environmentSecrets, Masker, passwordIn } from "./mask.ts";
import { JobCredentials } from "./oidc/credentials.ts";
import { delay } from "./process.ts";
import { ProviderCache } from "./providers/provider-cache.ts";
import { announced, readFirst, withCloneUrl } from "./read-first.ts";
import { runUnits, type UnitsRunning } from "./run-units.ts";
import { sealKey } from "./seal.ts";
import type { Stop } from "./stop.ts";
import { jobSummary } from "./summary.ts";
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
  /** In place of a server: then the checkout stays as it is, with what is not committed in it. */
  readonly withoutServer?: ServerClient;
}

/** Exit codes: the colour of the CI job says whether everything worked. */
const WORKED = 0;
const FAILED = 1;
const SCRATCH = "scratch";

/** One CI job, from the claim to the last word to the server. */
export async function runJob(options: JobOptions): Promise<number> {
  const { host, env, stop } = options;
  trustAuthorities(customAuthorities(env));
  const audience = claimAudience(host.serverUrl, host.attempt);
  const identity = await host.identityToken(audience);
  const client = options.withoutServer ?? new Client(host.serverUrl, identity, stop);
  const claimed = await client.claim(host.attempt);
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
  const cacheDir = (env["TERRANE_CACHE_DIR"] ?? "") === "" ? undefined : env["TERRANE_CACHE_DIR"];
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
    cacheDir,
    providers: new ProviderCache({
      folder: join(cacheDir ?? join(host.workDir, SCRATCH), "providers"),
      scratch: join(host.workDir, SCRATCH),
      stop,
      graceMs: options.graceMs,
    }),
    credentials: new JobCredentials({
      identityToken: host.identityToken,
      fetch,
      now: () => new Date(),
      pause: delay,
      folder: join(host.workDir, SCRATCH),
      env: jobEnvironment(env, isFile),
    }),
    graceMs: options.graceMs,
    ownSealKey: sealKey(env["TERRANE_SEAL_KEY"] ?? ""),
  };
  if (job.ownSealKey === undefined && (env["TERRANE_SEAL_KEY"] ?? "") !== "") {
    // Falling back to the server's key would break what the key was set for.
    const message =
      "TERRANE_SEAL_KEY is not 32 bytes in base64. Correct the secret, then start the run again.";
    host.log(message);
    await client.finish({ failure: failureOf("seal", message) });
    return FAILED;
  }
  return await runClaimed(job, source, options);
}

/** What the server names goes before what the CI file names, whose token is for the latter only. */
function sourceOf(work: WorkItem, host: Host): CodeSource | undefined {
  const { cloneUrl } = work.repository;
  return cloneUrl === null ? host.source : { cloneUrl, token: undefined };
}

async function runClaimed(
  job: Job,
  source: CodeSource | undefined,
  options: JobOptions,
): Promise<number> {
  const { host, stop } = options;
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
  let end: JobEnd = { worked: false, failure: null };
  try {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    end = await runWhole(job, source, options, { scratch, log, units });
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const failure = failureOf("runner", "The runner itself failed.", { tail: detail });
    end = { worked: false, failure: maskedFailure(failure, job.masker) };
    log(`${end.failure?.message}\n${end.failure?.tail}`);
  } finally {
    await cleanUp(job, scratch);
  }
  const { worked, ...body } = end;
  const finished = await client.finish(body);
  stopHeartbeat();
  if (finished.kind !== "ok") log(`The end of the run could not be reported: ${finished.message}`);
  return end.failure === null && finished.kind === "ok" && worked ? WORKED : FAILED;
}

type JobEnd = FinishBody & { readonly worked: boolean };

interface Places {
  readonly scratch: string;
  readonly log: (line: string) => void;
  readonly units: UnitsRunning;
}

/** Checkout, hooks before, dirspaces, hooks after. */
async function runWhole(
  job: Job,
  source: CodeSource | undefined,
  options: JobOptions,
  { scratch, log, units }: Places,
): Promise<JobEnd> {
  const { host, env, stop } = options;
  const setup = new JobSetup(join(scratch, "setup"), job.masker);
  const jobEnv = await setup.apply(jobEnvironment(env, isFile));
  const checkoutOptions = {
    root: job.root,
    env: { ...jobEnv, ...gitAccess(source, jobEnv) },
    stop,
    graceMs: options.graceMs,
    log,
  };
  const ready = await readFirst(job, options, {
    source,
    scratch,
    checkout: checkoutOptions,
    env: jobEnv,
  });
  if (ready.kind === "over") return { worked: ready.finished, failure: null };
  const checkedOut =
    ready.kind === "ready" && options.withoutServer === undefined
      ? await checkout(ready.job.work, { ...checkoutOptions, ...ready.step })
      : ready;
  const runnable = ready.kind === "ready" ? ready.job : job;
  if (checkedOut.kind === "failed") {
    const failure = maskedFailure(checkedOut.failure, job.masker);
    log(failure.message);
    const before = { failure: undefined, gates: [], clouds: [] };
    const preventedBy = failure.message;
    await runUnits(runnable, { host, env: jobEnv, scratch, units, preventedBy, before });
    await summarize(runnable, host, [], failure);
    return { worked: false, failure };
  }
  // Nobody waits here: each unit waits for its own engine.
  // What goes wrong there is said by the unit that needs the engine.
  void warmEngines(runnable).catch(() => undefined);
  return await runHooked(runnable, { host, env: jobEnv, scratch, setup }, units);
}

async function runHooked(job: Job, start: HooksStart, units: UnitsRunning): Promise<JobEnd> {
  const { host, scratch } = start;
  const before = await runPreHooks(job, start);
  const masked = before.failure && maskedFailure(before.failure, job.masker);
  if (masked !== undefined) host.log(masked.message);
  const results = await runUnits(job, {
    host,
    env: before.env,
    scratch,
    units,
    preventedBy: undefined,
    before: { failure: masked, gates: before.gates, clouds: before.clouds },
  });
  const failure = masked ?? firstFailure(results);
  const after = await runPostHooks(job, { ...start, env: before.env, results, before, failure });
  const late = after.failure && maskedFailure(after.failure, job.masker);
  await summarize(job, host, results, masked ?? late);
  const hooked = before.reports.length + after.reports.length > 0;
  return {
    worked: failure === undefined && after.failure === undefined,
    // What the dirspaces came to stands, whatever a hook does after them.
    failure: null,
    ...(hooked ? { hooks: { pre: [...before.reports], post: [...after.reports] } } : {}),
    ...(after.haveAsked ? { gates: [...after.gates] } : {}),
    ...(after.issues.length === 0 ? {} : { issues: [...after.issues] }),
  };
}

/** For whoever looks at the job first; what it cannot show is in the pull request all the same. */
async function summarize(
  { work, masker }: Job,
  host: Host,
  results: readonly Reported[],
  failure: Failure | undefined,
): Promise<void> {
  try {
    await host.showSummary?.(jobSummary(work, results, failure));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    host.log(masker.mask(`The summary of this job could not be written: ${why}`));
  }
}

function firstFailure(results: readonly Reported[]): Failure | undefined {
  for (const { result } of results) {
    if (result.outcome === "failed") return result.failure;
    if (result.outcome === "not_started") return failureOf("run", result.because);
  }
  return undefined;
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
  masker.add(passwordIn(work.repository.cloneUrl ?? ""));
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
