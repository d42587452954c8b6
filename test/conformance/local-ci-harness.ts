import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calculateJwkThumbprint, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import type { Instant } from "../../src/base/brand.ts";
import { createLocalCi, type LocalCi, type LocalCiOptions } from "../../src/ci/local/ci.ts";
import type { EndedJob } from "../../src/ci/local/watch.ts";
import { claimAudience } from "../../src/contract/runner-api.ts";
import type { AttemptId } from "../../src/core/ids.ts";
import type { CiJob } from "../../src/ports/ci.ts";
import { quiet } from "../support/quiet.ts";
import type { TokenChange } from "../support/token-issuer.ts";
import type { CiHarness } from "./ci-harness.ts";

const SERVER_URL = "https://terrane.example.test";
const ISSUER = "https://terrane.example.test";

/**
 * Stands in for the runner: notes that it ran, starts a child where a file says so, ends as a file
 * says, and ends by itself when its directory is gone, so that no test leaves it behind.
 */
const STAND_IN = `"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { spawn } = require("node:child_process");
const at = (name) => path.join(process.env.STAND_IN_DIR, process.env.TERRANE_ATTEMPT + "." + name);
fs.appendFileSync(at("starts"), process.pid + "\\n");
fs.writeFileSync(at("env"), JSON.stringify(process.env));
console.log("hello from the runner");
if (fs.existsSync(at("child"))) {
  const { detached, stubborn } = JSON.parse(fs.readFileSync(at("child"), "utf8"));
  const program = \`
    const fs = require("node:fs");
    let told = 0;
    process.on("SIGINT", () => {
      told += 1;
      fs.writeFileSync(process.argv[1] + ".told", String(told));
      if (process.argv[2] !== "true") setTimeout(() => process.exit(0), 300);
    });
    fs.writeFileSync(process.argv[1], String(process.pid));
    setInterval(() => { if (!fs.existsSync(process.argv[1])) process.exit(0); }, 50);
  \`;
  spawn(process.execPath, ["-e", program, at("child-pid"), String(stubborn)], { detached, stdio: "ignore" });
}
process.on("SIGTERM", () => process.exit(3));
setInterval(() => {
  if (!fs.existsSync(at("starts"))) process.exit(9);
  if (fs.existsSync(at("finish"))) process.exit(Number(fs.readFileSync(at("finish"), "utf8")));
}, 20);
`;

export interface LocalCiHarness extends CiHarness {
  readonly ci: LocalCi;
  readonly dataDir: string;
  readonly runnerPath: string;
  readonly ended: readonly EndedJob[];
  /** Where the stand-in leaves and looks for its files. */
  path(job: CiJob, name: string): string;
  /** What is left of the server after a restart: another one on the same directory. */
  restart(change?: Partial<LocalCiOptions>): Promise<LocalCi>;
  now(): Instant;
}

export async function localCiHarness(
  change: Partial<LocalCiOptions> = {},
): Promise<LocalCiHarness> {
  const dir = await mkdtemp(join(tmpdir(), "terrane-ci-"));
  const dataDir = join(dir, "data");
  const runnerPath = join(dir, "stand-in.cjs");
  await writeFile(runnerPath, STAND_IN);
  let offset = 0;
  const ended: EndedJob[] = [];
  const cis: LocalCi[] = [];
  const now = () => (Date.now() + offset) as Instant;

  async function restart(again: Partial<LocalCiOptions> = {}): Promise<LocalCi> {
    for (const ci of cis) await ci.stopWatching();
    const ci = await createLocalCi({
      dataDir,
      runnerPath,
      nodePath: process.execPath,
      issuer: ISSUER,
      audience: claimAudience,
      environment: { ...process.env, STAND_IN_DIR: dir, DATABASE_URL: "secret" },
      environmentAllowed: ["PATH", "STAND_IN_*"],
      now,
      log: quiet,
      onEnded: (job) => {
        ended.push(job);
        return Promise.resolve();
      },
      watch: { pollMs: 50, graceMs: 60_000 },
      ...change,
      ...again,
    });
    cis.push(ci);
    await ci.startWatching();
    return ci;
  }

  const ci = await restart();
  const audience = claimAudience(SERVER_URL, "the-attempt");
  const path = (job: CiJob, name: string) => join(dir, `${job.attempt}.${name}`);
  return {
    ci,
    dataDir,
    runnerPath,
    ended,
    path,
    restart,
    now,
    newJob: () => newJob(),
    async starts(job) {
      const text = await readFile(path(job, "starts"), "utf8").catch(() => "");
      return text.split("\n").filter((line) => line !== "").length;
    },
    finish: (job, outcome) => writeFile(path(job, "finish"), outcome === "success" ? "0" : "1"),
    identity: {
      audience,
      token: (job, tokenChange = {}) => signToken(dataDir, job, audience, now(), tokenChange),
      expected: (job) => ({
        issuer: ISSUER,
        repositoryId: job.repository.id,
        ciRun: job.attempt,
        ciRunAttempt: 1,
        workflowSha: undefined,
      }),
      worthless: [
        { claim: "repository_id", value: "" },
        { claim: "run_id", value: 7 },
        { claim: "run_attempt", value: "2" },
        { claim: "event_name", value: "push" },
      ],
      advance(ms) {
        offset += ms;
      },
    },
    async close() {
      for (const each of cis) await each.stopWatching();
      // A stand-in that still runs may be writing; it ends once its files are gone.
      await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

function newJob(): CiJob {
  return {
    repository: { installation: "local", id: "repository-1", fullName: "team/infra" },
    defaultBranch: "main",
    attempt: randomUUID() as AttemptId,
    serverUrl: SERVER_URL,
    title: "plan #1",
    environment: undefined,
    runsOn: undefined,
  };
}

/** Signs with the adapter's own key, so that only what the test changes is wrong. */
async function signToken(
  dataDir: string,
  job: CiJob,
  audience: string,
  now: Instant,
  change: TokenChange,
): Promise<string> {
  const file = join(dataDir, "keys", "ci-identity.json");
  const stored = JSON.parse(await readFile(file, "utf8")) as JWK;
  const published = await calculateJwkThumbprint(stored);
  const signedBy = change.signedBy ?? "issuer";
  const own = await importJWK(stored, "RS256");
  const key = signedBy === "issuer" ? own : (await generateKeyPair("RS256")).privateKey;
  const iat = Math.floor(now / 1000);
  const claims: Record<string, unknown> = {
    iss: ISSUER,
    aud: audience,
    sub: `repository:${job.repository.id}:attempt:${job.attempt}`,
    jti: randomUUID(),
    iat,
    nbf: iat,
    exp: iat + 600,
    repository_id: job.repository.id,
    run_id: job.attempt,
    run_attempt: "1",
    event_name: "terrane",
    ref: "refs/heads/main",
    ...change.claims,
  };
  const kid = signedBy === "unknown_key" ? "nobody" : published;
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid, typ: "JWT" }).sign(key);
}
