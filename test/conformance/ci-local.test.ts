import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { EndedJob } from "../../src/ci/local/watch.ts";
import type { CiJob } from "../../src/ports/ci.ts";
import { startedJob, statusOnce } from "./ci/rule.ts";
import { describeCi } from "./ci.ts";
import { type LocalCiHarness, localCiHarness } from "./local-ci-harness.ts";

describeCi("local", () => localCiHarness(), { skip: [] });

const harnesses: LocalCiHarness[] = [];

afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness.close();
});

async function make(...change: Parameters<typeof localCiHarness>): Promise<LocalCiHarness> {
  const harness = await localCiHarness(...change);
  harnesses.push(harness);
  return harness;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let n = 0; n < 400; n++) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(25);
  }
  throw new Error("it did not happen within 10 s");
}

const textOf = (file: string) => readFile(file, "utf8").catch(() => undefined);

/** A zombie lives no more; where no init process collects it, its number stays. */
async function lives(pid: number): Promise<boolean> {
  const status = await textOf(`/proc/${pid}/status`);
  return status !== undefined && !/^State:\s+Z/m.test(status);
}

async function leaderOf(harness: LocalCiHarness, job: CiJob): Promise<number> {
  return Number(await until(() => textOf(harness.path(job, "starts"))));
}

/** A running job whose runner started a child, as it does with terraform. */
async function jobWithChild(
  harness: LocalCiHarness,
  child: { readonly detached: boolean; readonly stubborn: boolean },
): Promise<{ readonly job: CiJob; readonly leader: number; readonly childPid: number }> {
  const job = harness.newJob();
  await writeFile(harness.path(job, "child"), JSON.stringify(child));
  await startedJob(harness, job);
  const childPid = Number(await until(() => textOf(harness.path(job, "child-pid"))));
  return { job, leader: await leaderOf(harness, job), childPid };
}

test.each([false, true])(
  "S3 a job whose runner was killed has not ended while its child lives (child in a group of its own: %s)",
  async (detached) => {
    const harness = await make();
    const { job, leader } = await jobWithChild(harness, { detached, stubborn: true });
    process.kill(leader, "SIGKILL");
    await until(() => textOf(harness.path(job, "child-pid.told")));
    await sleep(300);
    const status = await harness.ci.status(job.repository, job.attempt, job.attempt);
    expect(status).toEqual({ kind: "running" });
    expect(harness.ended).toEqual([]);
    // A second interrupt would make terraform drop its state.
    expect(await textOf(harness.path(job, "child-pid.told"))).toBe("1");

    harness.identity.advance(61_000);
    expect(await statusOnce(harness, job, job.attempt, "ended")).toMatchObject({
      conclusion: "other",
    });
    await until(() => Promise.resolve(harness.ended[0]));
    expect(harness.ended).toMatchObject([{ attempt: job.attempt, conclusion: "other" }]);
  },
);

test("a child that a dead runner left is interrupted and may finish", async () => {
  const harness = await make();
  const { job, leader, childPid } = await jobWithChild(harness, {
    detached: false,
    stubborn: false,
  });
  process.kill(leader, "SIGKILL");
  await statusOnce(harness, job, job.attempt, "ended");
  expect(await textOf(harness.path(job, "child-pid.told"))).toBe("1");
  expect(await lives(childPid)).toBe(false);
});

test("cancelling tells the runner and leaves its tools to it", async () => {
  const harness = await make();
  const { job, childPid } = await jobWithChild(harness, { detached: false, stubborn: false });
  await harness.ci.cancel(job.repository, job.attempt, job.attempt);
  // The stand-in ends without a word to its child, which only then is interrupted.
  const ended = await statusOnce(harness, job, job.attempt, "ended");
  expect(ended.conclusion).toBe("cancelled");
  expect(await lives(childPid)).toBe(false);
});

test("S34 an ended job is told once, with everything that the engine needs", async () => {
  const harness = await make();
  const job = harness.newJob();
  await startedJob(harness, job);
  await harness.finish(job, "success");
  await until(() => Promise.resolve(harness.ended[0]));
  await sleep(200);
  expect(harness.ended).toEqual([
    {
      attempt: job.attempt,
      conclusion: "success",
      event: {
        deliveryId: `local-ci.${job.attempt}.ended`,
        installation: "local",
        repository: { id: "repository-1", fullName: "team/infra", defaultBranch: "main" },
        what: { kind: "ci_ended", ciRun: job.attempt },
      },
    },
  ]);
});

test("L39 a job goes on while no server runs, and its end is told by the next one", async () => {
  const harness = await make();
  const job = harness.newJob();
  await startedJob(harness, job);
  await leaderOf(harness, job);
  await harness.ci.stopWatching();
  await harness.finish(job, "failure");
  await sleep(200);
  expect(harness.ended).toEqual([]);
  await harness.restart();
  await until(() => Promise.resolve(harness.ended[0]));
  expect(harness.ended[0]?.conclusion).toBe("failure");
  await harness.restart();
  await sleep(200);
  expect(harness.ended).toHaveLength(1);
});

test("an end that the engine did not take is told again", async () => {
  const told: EndedJob[] = [];
  const harness = await make({
    onEnded: (job) => {
      told.push(job);
      return told.length < 3 ? Promise.reject(new Error("not now")) : Promise.resolve();
    },
  });
  const job = harness.newJob();
  await startedJob(harness, job);
  await harness.finish(job, "success");
  await until(() => Promise.resolve(told[2]));
  await sleep(200);
  expect(told).toHaveLength(3);
  expect(new Set(told.map((each) => each.event.deliveryId)).size).toBe(1);
});

test("an attempt that a crash left before its process never starts afterwards", async () => {
  const harness = await make();
  const job = harness.newJob();
  const dir = join(harness.dataDir, "ci", job.attempt);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "job"), JSON.stringify({ job, at: harness.now() }));
  const status = () => harness.ci.status(job.repository, job.attempt, job.attempt);
  expect(await status()).toEqual({ kind: "pending" });
  harness.identity.advance(61_000);
  expect(await status()).toEqual({ kind: "ended", conclusion: "never_started" });
  await startedJob(harness, job);
  await sleep(300);
  expect(await harness.starts(job)).toBe(0);
  expect(await status()).toEqual({ kind: "ended", conclusion: "never_started" });
});

test("a process that comes after its attempt was given up goes without running anything", async () => {
  const harness = await make();
  await harness.ci.stopWatching();
  const job = harness.newJob();
  const dir = join(harness.dataDir, "ci", job.attempt);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "job"), JSON.stringify({ job, at: harness.now() - 61_000 }));
  const status = await harness.ci.status(job.repository, job.attempt, job.attempt);
  expect(status).toEqual({ kind: "ended", conclusion: "never_started" });
  const claimProgram = join(harness.dataDir, "ci", "claim.cjs");
  const late = spawn(process.execPath, ["--require", claimProgram, harness.runnerPath], {
    env: {
      TERRANE_CI_DIR: dir,
      TERRANE_ATTEMPT: job.attempt,
      STAND_IN_DIR: dirname(harness.runnerPath),
    },
    stdio: "ignore",
  });
  const [code] = (await once(late, "exit")) as [number | null];
  expect(code).toBe(0);
  expect(await harness.starts(job)).toBe(0);
});

test("an attempt that a crash left before its process starts when it is asked for in time", async () => {
  const harness = await make();
  const job = harness.newJob();
  const dir = join(harness.dataDir, "ci", job.attempt);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "job"), JSON.stringify({ job, at: harness.now() }));
  await startedJob(harness, job);
  await harness.finish(job, "success");
  expect(await statusOnce(harness, job, job.attempt, "ended")).toMatchObject({
    conclusion: "success",
  });
  expect(await harness.starts(job)).toBe(1);
});

test("a process that got the number of an ended job is not taken for it, and not touched", async () => {
  const harness = await make();
  const job = harness.newJob();
  const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    stdio: "ignore",
    detached: true,
  });
  const pid = stranger.pid ?? 0;
  const dir = join(harness.dataDir, "ci", job.attempt);
  await mkdir(dir, { recursive: true });
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  await writeFile(join(dir, "claim"), JSON.stringify({ pid, start: "1", boot }));
  await writeFile(join(dir, "job"), JSON.stringify({ job, at: harness.now() }));
  await startedJob(harness, job);
  await harness.ci.cancel(job.repository, job.attempt, job.attempt);
  await statusOnce(harness, job, job.attempt, "ended");
  await sleep(200);
  expect(stranger.exitCode).toBeNull();
  expect(stranger.signalCode).toBeNull();
  stranger.kill("SIGKILL");
});

test("S3 a job of another container is neither running nor ended", async () => {
  const harness = await make();
  const job = harness.newJob();
  const dir = join(harness.dataDir, "ci", job.attempt);
  await mkdir(dir, { recursive: true });
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const claim = { pid: 1, start: "1", boot, namespace: "pid:[1]" };
  await writeFile(join(dir, "claim"), JSON.stringify(claim));
  await writeFile(join(dir, "job"), JSON.stringify({ job, at: harness.now() }));
  const status = await harness.ci.status(job.repository, job.attempt, job.attempt);
  expect(status.kind).toBe("unknown");
});

test("a job of an earlier boot has ended", async () => {
  const harness = await make();
  const job = harness.newJob();
  const dir = join(harness.dataDir, "ci", job.attempt);
  await mkdir(dir, { recursive: true });
  const claim = { pid: process.pid, start: "1", boot: "an-earlier-one" };
  await writeFile(join(dir, "claim"), JSON.stringify(claim));
  await writeFile(join(dir, "job"), JSON.stringify({ job, at: harness.now() }));
  const status = await harness.ci.status(job.repository, job.attempt, job.attempt);
  expect(status).toEqual({ kind: "ended", conclusion: "other" });
});

test("S17 a job sees what the operator allows, its own variables, and no secret of the server", async () => {
  const harness = await make();
  const job = harness.newJob();
  await startedJob(harness, job);
  const env = JSON.parse(await until(() => textOf(harness.path(job, "env")))) as Record<
    string,
    string
  >;
  expect(Object.keys(env).toSorted()).toEqual([
    "PATH",
    "STAND_IN_DIR",
    "TERRANE_ATTEMPT",
    "TERRANE_CACHE_DIR",
    "TERRANE_ID_TOKEN",
    "TERRANE_SERVER_URL",
    "TERRANE_STATE_DIR",
    "TERRANE_WORK_DIR",
  ]);
  expect(env["TERRANE_STATE_DIR"]).toBe(join(harness.dataDir, "state", "repository-1"));
  const audience = `https://terrane.example.test/attempts/${job.attempt}`;
  const identified = await harness.ci.identify(env["TERRANE_ID_TOKEN"] ?? "", audience, job);
  expect(identified).toMatchObject({ kind: "ok", identity: harness.identity.expected(job) });
  if (identified.kind !== "ok") throw new Error(identified.kind);
  expect(identified.identity.expiresAtMs - Date.now()).toBeLessThanOrEqual(3_600_000);
  await harness.finish(job, "success");
});

test("P6 a one-time code is in the environment of its job, and not in what is kept of the job", async () => {
  const harness = await make();
  const job = { ...harness.newJob(), code: "terrane_code_secret" };
  await startedJob(harness, job);
  const env = JSON.parse(await until(() => textOf(harness.path(job, "env")))) as Record<
    string,
    string
  >;
  expect(env["TERRANE_CODE"]).toBe("terrane_code_secret");
  const dir = join(harness.dataDir, "ci", job.attempt);
  for (const file of await readdir(dir)) {
    expect(await textOf(join(dir, file)), file).not.toContain("terrane_code_secret");
  }
  await harness.finish(job, "success");
});

test("the working directory is gone after the job, the log stays", async () => {
  const harness = await make();
  const job = harness.newJob();
  await startedJob(harness, job);
  await leaderOf(harness, job);
  expect(await readdir(join(harness.dataDir, "work"))).toEqual([job.attempt]);
  await harness.finish(job, "success");
  await until(() => Promise.resolve(harness.ended[0]));
  expect(await readdir(join(harness.dataDir, "work"))).toEqual([]);
  expect(await harness.ci.log(job.attempt)).toContain("hello from the runner");
});

test("the signing key is readable by its owner only, and the same after a restart", async () => {
  const harness = await make();
  const file = await stat(join(harness.dataDir, "keys", "ci-identity.json"));
  expect(file.mode & 0o777).toBe(0o600);
  const again = await harness.restart();
  expect(again.jwks()).toEqual(harness.ci.jwks());
  expect(Object.keys(again.jwks().keys[0] ?? {}).toSorted()).toEqual([
    "alg",
    "e",
    "kid",
    "kty",
    "n",
    "use",
  ]);
});

test("a runner that cannot be started says so, and may be started again", async () => {
  const harness = await make({ nodePath: "/nonexistent/node" });
  const job = harness.newJob();
  expect(await harness.ci.start(job)).toMatchObject({ kind: "unavailable" });
  const working = await harness.restart({ nodePath: process.execPath });
  expect(await working.start(job)).toMatchObject({ kind: "started", ciRun: job.attempt });
  await harness.finish(job, "success");
  await statusOnce(harness, job, job.attempt, "ended");
  expect(await harness.starts(job)).toBe(1);
});

test("an id that could leave the directory of jobs starts nothing", async () => {
  const harness = await make();
  for (const attempt of ["../escape", "a/b", "", ".", "..", "-x"]) {
    const job = { ...harness.newJob(), attempt: attempt as CiJob["attempt"] };
    expect(await harness.ci.start(job)).toMatchObject({ kind: "rejected" });
  }
});
