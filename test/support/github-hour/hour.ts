import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import type { Instant } from "../../../src/base/brand.ts";
import { createGithubActions } from "../../../src/ci/github-actions.ts";
import type { EventId, PullRequestId } from "../../../src/core/ids.ts";
import { JOB_CAPS } from "../../../src/core/schedule/caps.ts";
import { createCentralHeads } from "../../../src/engine/central-heads.ts";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { createLanes } from "../../../src/engine/lanes.ts";
import { createLooks } from "../../../src/engine/looks.ts";
import { ENGINE_LIMITS, GRANTS_SHARE_MS } from "../../../src/engine/ports.ts";
import type { Ci } from "../../../src/ports/ci.ts";
import { createGithub, type Github } from "../../../src/vcs/github/github.ts";
import {
  type DoubleOptions,
  type GitHubDouble,
  startGitHubDouble,
} from "../github-double/index.ts";
import type { WorkflowRun } from "../github-double/world.ts";
import { createMemoryStore, type MemoryStore } from "../memory-store/store.ts";
import { quietLog } from "../quiet.ts";
import { webhookEdge } from "../webhook-edge.ts";
import { workJob } from "./job.ts";

const BEGIN = Date.UTC(2026, 0, 5, 9);
const SECRET = "the secret of the webhook";
const ISSUER = "https://token.actions.example.test";
/** As a server looks after what nobody reports on, only less often. */
const TICK_MS = 30_000;

/**
 * A server on a GitHub of its own whose clock is driven: engine, adapter and CI adapter are those of production, the database is
 * the simulated one, and jobs report without doing anything. An hour of it takes as long as its calls.
 */
export interface Hour {
  readonly double: GitHubDouble;
  readonly github: Github;
  readonly engine: Engine;
  readonly memory: MemoryStore;
  now(): number;
  /** What happens at a time from now. */
  after(ms: number, what: () => unknown): void;
  /** Lets everything happen that is due until then. */
  until(at: number): Promise<void>;
  /** Lets pass what is left to happen by itself, and no longer than this. */
  quiet(mostMs?: number): Promise<void>;
  close(): Promise<void>;
}

export interface HourOptions extends Pick<DoubleOptions, "enforced"> {
  /** How long a job waits for a machine, and how long it works. */
  readonly job?: { readonly waitsMs: number; readonly worksMs: number };
  /** Between looks after what nobody reports on; none where it is left out. */
  readonly ticks?: boolean;
}

export async function startHour(options: HourOptions = {}): Promise<Hour> {
  const { waitsMs, worksMs } = options.job ?? { waitsMs: 2_000, worksMs: 8_000 };
  let clock = BEGIN;
  const double = await startGitHubDouble({
    now: () => new Date(clock),
    clockIsDriven: true,
    ...(options.enforced === undefined ? {} : { enforced: options.enforced }),
  });
  const github = createGithub({
    apiUrl: double.apiUrl,
    appId: double.app.id,
    privateKey: double.app.privateKey,
    userAgent: "terrane-test",
    now: () => clock,
    webhookSecrets: [SECRET],
  });
  const memory = createMemoryStore({
    clock: () => clock as Instant,
    newId: () => randomUUID() as EventId,
    rowId: () => randomUUID(),
    caps: JOB_CAPS,
  });
  const engine = engineOn(github, memory, () => clock);
  const hooks = await webhookEdge(github.receiver, async (verdict) => {
    if (verdict.kind !== "rejected") await engine.deliver(github.vcs.kind, verdict);
  });
  double.sendWebhooksTo(hooks.url, SECRET);
  const timers: { readonly at: number; readonly what: () => unknown }[] = [];
  const after: Hour["after"] = (ms, what) => {
    timers.push({ at: clock + ms, what });
    timers.sort((a, b) => a.at - b.at);
  };
  double.world.onRun = (run: WorkflowRun) => {
    after(waitsMs, () => workJob({ double, engine, after, worksMs }, run));
  };
  if (options.ticks === true) {
    const tick = async () => {
      after(TICK_MS, tick);
      await engine.tick();
    };
    after(TICK_MS, tick);
  }

  async function settle(): Promise<void> {
    for (let busy = true; busy; ) {
      await double.settled();
      busy = false;
      while (timers[0] !== undefined && timers[0].at <= clock) {
        busy = true;
        await timers.shift()?.what();
      }
      for (const job of memory.jobs.due(clock as Instant)) {
        const taken = await memory.jobs.take(job.id);
        if (taken === undefined) continue;
        busy = true;
        await run(engine, taken.what).then(
          () => memory.jobs.done(taken.id),
          () => memory.jobs.failed(taken.id),
        );
      }
    }
  }

  function nextAt(): number {
    return Math.min(
      memory.jobs.nextAt() ?? Number.POSITIVE_INFINITY,
      timers[0]?.at ?? Number.POSITIVE_INFINITY,
    );
  }

  async function until(at: number): Promise<void> {
    await settle();
    for (let next = nextAt(); next <= at; next = nextAt()) {
      clock = Math.max(clock, next);
      await settle();
    }
    clock = Math.max(clock, at);
  }

  return {
    double,
    github,
    engine,
    memory,
    now: () => clock,
    after,
    until,
    async quiet(mostMs = 10 * 60_000) {
      const most = clock + mostMs;
      await settle();
      for (let next = nextAt(); next <= most; next = nextAt()) {
        clock = Math.max(clock, next);
        await settle();
      }
    },
    async close() {
      await double.close();
      hooks.close();
    },
  };
}

async function run(engine: Engine, what: { readonly task: string } & object): Promise<void> {
  if ("key" in what) return engine.perform(String(what.key));
  if ("installation" in what)
    return engine.admit(what.installation as Parameters<Engine["admit"]>[0]);
  if (!("pullRequest" in what)) return;
  for (;;) {
    const advanced = await engine.advance(what.pullRequest as PullRequestId);
    if (advanced.kind === "set_aside") throw advanced.error;
    if (advanced.kind !== "decided") return;
  }
}

function engineOn(github: Github, memory: MemoryStore, now: () => number): Engine {
  const master = randomBytes(32);
  const { vcs } = github;
  const actions = createGithubActions({
    api: github.client,
    issuer: ISSUER,
    now: () => now() as Instant,
    workflows: ["terrane.yml"],
  });
  // Who the job is goes without saying: its token is its run.
  const ci: Ci = { ...actions, identify: (token) => Promise.resolve(identityOf(token)) };
  return createEngine({
    store: memory.engine,
    runners: memory.runners,
    vcs: new Map([[vcs.kind, vcs]]),
    ci: new Map([[vcs.kind, ci]]),
    centralHeads: createCentralHeads(now),
    lanes: createLanes(now),
    looks: createLooks(now, GRANTS_SHARE_MS),
    random: { uuid: () => randomUUID(), bytes: (length) => randomBytes(length) },
    secrets: {
      sha256: (bytes) => createHash("sha256").update(bytes).digest(),
      deriveKey: (purpose) => createHmac("sha256", master).update(purpose).digest(),
    },
    log: quietLog,
    serverUrl: () => "http://127.0.0.1:1",
    limits: ENGINE_LIMITS,
    commentWords: [],
    existingRunners: new Map(),
  });
}

function identityOf(token: string): Awaited<ReturnType<Ci["identify"]>> {
  const [repositoryId = "", ciRun = ""] = token.split("/");
  const identity = {
    issuer: ISSUER,
    repositoryId,
    ciRun,
    ciRunAttempt: 1,
    workflowSha: undefined,
    tokenId: token,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
  };
  return { kind: "ok", identity };
}
