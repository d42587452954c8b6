import { randomUUID } from "node:crypto";
import { mkdir, open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JSONWebKeySet } from "jose";
import type { Instant } from "../../base/brand.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { AttemptId } from "../../core/ids.ts";
import type { Ci, CiJob, CiStart, CiStatus } from "../../ports/ci.ts";
import type { VcsFailure } from "../../ports/vcs.ts";
import { createIdentityVerifier } from "../identity.ts";
import { AttemptFiles, isSafeName } from "./attempt-files.ts";
import { CLAIM_PROGRAM } from "./claim-program.ts";
import { type JobPlace, jobState } from "./job-state.ts";
import { isRunning, type Machine, thisMachine, trySignal } from "./processes.ts";
import { loadSigningKey } from "./signing-key.ts";
import { allowedEnvironment, ENVIRONMENT_ALLOWED, spawnJob } from "./spawn.ts";
import { issueToken, readLocalClaims } from "./token.ts";
import { type EndedJob, JobWatch, type WatchOptions } from "./watch.ts";

export interface LocalCiOptions {
  /** Jobs, their state and cache and the signing key live below; it belongs to one server at a time. */
  readonly dataDir: string;
  /** The bundled runner. */
  readonly runnerPath: string;
  readonly nodePath: string;
  /** `iss` of our identity tokens: the server's own URL. */
  readonly issuer: string;
  /** What the runner's door demands as audience of a claim. */
  readonly audience: (serverUrl: string, attempt: AttemptId) => string;
  /** The server's environment; jobs see what `environmentAllowed` names of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly environmentAllowed?: readonly string[];
  readonly now: () => Instant;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
  /** A job is over, with all its processes. Brought again until it is taken, also after a restart. */
  readonly onEnded: (ended: EndedJob) => Promise<void>;
  readonly jobUrl?: (attempt: AttemptId) => string;
  readonly watch?: Partial<WatchOptions>;
}

export interface LocalCi extends Ci {
  /** The keys that verify our identity tokens, for `/.well-known/jwks`. */
  jwks(): JSONWebKeySet;
  /** The end of a job's log, for people; undefined where there is none. */
  log(attempt: AttemptId): Promise<string | undefined>;
  /** Watches jobs, also those of an earlier server. */
  startWatching(): Promise<void>;
  /** Stops watching; jobs go on. */
  stopWatching(): Promise<void>;
}

const LOG_BYTES_SHOWN_MAX = 1_000_000;

/** CI on this machine: each attempt is a runner process in a session of its own. */
export async function createLocalCi(options: LocalCiOptions): Promise<LocalCi> {
  const root = join(options.dataDir, "ci");
  await mkdir(root, { recursive: true, mode: 0o700 });
  const claimProgram = await writeClaimProgram(root);
  const key = await loadSigningKey(join(options.dataDir, "keys", "ci-identity.json"));
  const machine = await thisMachine();
  const watch = new JobWatch({
    ...options.watch,
    root,
    log: options.log,
    onEnded: options.onEnded,
    place: (attempt) => placeOf(options, root, machine, attempt),
  });

  async function start(job: CiJob): Promise<CiStart> {
    if (!isSafeName(job.attempt) || !isSafeName(job.repository.id)) {
      return rejected(`${job.attempt} of ${job.repository.id} cannot name a directory.`);
    }
    const place = placeOf(options, root, machine, job.attempt);
    await place.files.make();
    const { code: _secret, ...kept } = job;
    await place.files.write("job", { job: kept, at: options.now() });
    watch.add(job.attempt);
    const started: CiStart = {
      kind: "started",
      ciRun: job.attempt,
      url: options.jobUrl?.(job.attempt),
    };
    // Whoever claimed it, or ended it unstarted, has decided; before that, one more process is harmless.
    if ((await place.files.claim()) !== undefined) return started;
    if ((await place.files.end()) !== undefined) return started;
    const id = { job, issuer: options.issuer, id: randomUUID(), now: options.now() };
    const token = await issueToken(key, {
      ...id,
      audience: options.audience(job.serverUrl, job.attempt),
    });
    await mkdir(place.workDir, { recursive: true, mode: 0o700 });
    const spawned = await spawnJob({
      nodePath: options.nodePath,
      claimProgram,
      runnerPath: options.runnerPath,
      cwd: place.workDir,
      log: place.files.path("log"),
      env: await jobEnvironment(options, job, place, token),
      onExit: () => watch.wake(),
    });
    if (spawned.kind === "spawned") return started;
    const message = `The runner did not start: ${spawned.message}.`;
    return { kind: "unavailable", message, retryAfterMs: undefined };
  }

  return {
    kind: "local",
    // Jobs here run the bundled runner and nothing from the repository.
    files: [],
    // In the environment of the job's process, where its identity token is too.
    deliversCodes: true,
    start,
    cancel: (_repository, attempt) =>
      cancelJob(placeOf(options, root, machine, attempt), () => watch.wake()),
    status: (_repository, attempt) => statusOf(placeOf(options, root, machine, attempt)),
    identify: createIdentityVerifier({
      issuer: options.issuer,
      fetchJwks: () => Promise.resolve(key.jwks),
      now: options.now,
      read: readLocalClaims,
    }),
    jwks: () => key.jwks,
    log: (attempt) => readLogEnd(placeOf(options, root, machine, attempt)),
    startWatching: () => watch.start(),
    stopWatching: () => watch.stop(),
  };
}

function placeOf(
  options: LocalCiOptions,
  root: string,
  machine: Machine,
  attempt: AttemptId,
): JobPlace {
  return {
    // A name that is no name of ours leads to a directory that nobody makes.
    files: new AttemptFiles(root, isSafeName(attempt) ? attempt : ("-" as AttemptId)),
    attempt,
    workDir: join(options.dataDir, "work", isSafeName(attempt) ? attempt : "-"),
    machine,
    now: options.now,
  };
}

async function writeClaimProgram(root: string): Promise<string> {
  const file = join(root, "claim.cjs");
  // Renamed into place: a job of another server may be reading the old one.
  await writeFile(`${file}.${process.pid}.draft`, CLAIM_PROGRAM, { mode: 0o600 });
  await rename(`${file}.${process.pid}.draft`, file);
  return file;
}

async function jobEnvironment(
  options: LocalCiOptions,
  job: CiJob,
  place: JobPlace,
  token: string,
): Promise<Record<string, string>> {
  const stateDir = join(options.dataDir, "state", job.repository.id);
  const cacheDir = join(options.dataDir, "cache");
  for (const dir of [stateDir, cacheDir]) await mkdir(dir, { recursive: true, mode: 0o700 });
  const allowed = options.environmentAllowed ?? ENVIRONMENT_ALLOWED;
  return {
    ...allowedEnvironment(options.environment, allowed),
    TERRANE_CI_DIR: place.files.dir,
    TERRANE_SERVER_URL: job.serverUrl,
    TERRANE_ATTEMPT: job.attempt,
    TERRANE_ID_TOKEN: token,
    ...(job.code === undefined ? {} : { TERRANE_CODE: job.code }),
    TERRANE_STATE_DIR: stateDir,
    TERRANE_CACHE_DIR: cacheDir,
    TERRANE_WORK_DIR: place.workDir,
  };
}

async function statusOf(place: JobPlace): Promise<CiStatus> {
  const state = await jobState(place);
  switch (state.kind) {
    case "absent":
      return { kind: "unknown", message: `This machine has no job for ${place.attempt}.` };
    case "elsewhere":
      return { kind: "unknown", message: `${place.attempt} was started in another container.` };
    case "pending":
      return { kind: "pending" };
    case "running":
    case "orphaned":
      return { kind: "running" };
    case "ended":
      return state;
    default:
      return unreachable(state);
  }
}

/**
 * Tells the runner, and only the runner: it interrupts its tools once and waits for them. The
 * signal is sent at most once, for a second one means "drop everything"; if a crash swallows it,
 * the heartbeat carries the same wish.
 */
async function cancelJob(place: JobPlace, wake: () => void): Promise<void | VcsFailure> {
  const { files } = place;
  if ((await files.job()) === undefined) {
    return { kind: "not_found", message: `This machine has no job for ${place.attempt}.` };
  }
  const first = await files.write("cancel", { at: place.now() });
  const never = (await files.claim()) === undefined && (await files.claimNever());
  wake();
  const claim = await files.claim();
  if (never || !first || claim?.kind !== "process") return;
  if (claim.machine.boot !== place.machine.boot) return;
  if (claim.machine.namespace !== place.machine.namespace) return;
  if (await isRunning(claim.process)) trySignal(claim.process.pid, "SIGTERM");
}

async function readLogEnd(place: JobPlace): Promise<string | undefined> {
  const log = await open(place.files.path("log")).catch(() => undefined);
  if (log === undefined) return undefined;
  try {
    const { size } = await log.stat();
    const buffer = Buffer.alloc(Math.min(size, LOG_BYTES_SHOWN_MAX));
    const { bytesRead } = await log.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await log.close();
  }
}

function rejected(message: string): VcsFailure {
  return { kind: "rejected", message };
}
