import { createHmac, randomUUID } from "node:crypto";
import type { Hook } from "./forge.ts";
import { jobBody, pipelineBody } from "./hook-bodies.ts";
import type { Job, Project, World } from "./world.ts";

/** Failures in a row that switch a webhook off for a while, and those that do it for good. */
export const DISABLED_AFTER = 4;
const DISABLED_FOR_GOOD_AFTER = 40;
const DISABLED_MS_MIN = 60_000;
const DISABLED_MS_MAX = 24 * 3_600_000;
const TIMEOUT_MS = 10_000;

export interface Sent {
  readonly project: Project;
  readonly hook: Hook;
  readonly event: string;
  readonly body: string;
  readonly key: string;
  readonly eventId: string;
  /** 0 while it was not answered. */
  status: number;
}

/** Webhooks out, in the order in which things happened; nothing is sent twice by itself. */
export class Deliveries {
  readonly log: Sent[] = [];
  #chain: Promise<void> = Promise.resolve();

  emit(world: World, project: Project, event: string, body: object): void {
    world.journal.sent(event, body);
    const eventId = randomUUID();
    for (const hook of project.forge.hooks) {
      const sent: Sent = {
        project,
        hook,
        event,
        body: JSON.stringify(body),
        key: randomUUID(),
        eventId,
        status: 0,
      };
      this.log.push(sent);
      this.#queue(world, sent);
    }
  }

  /** The same once more, with the same key. */
  resend(world: World, sent: Sent): void {
    this.#queue(world, sent);
  }

  async settled(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.#chain) {
      seen = this.#chain;
      await seen;
    }
  }

  #queue(world: World, sent: Sent): void {
    this.#chain = this.#chain.then(() => deliver(world, sent));
  }
}

async function deliver(world: World, sent: Sent): Promise<void> {
  const { hook } = sent;
  const now = world.now();
  if (hook.disabledUntil !== undefined && hook.disabledUntil > now) return;
  try {
    const response = await fetch(hook.url, {
      method: "POST",
      headers: headersOf(world, sent, now),
      body: sent.body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    sent.status = response.status;
  } catch {
    sent.status = 0;
  }
  if (sent.status >= 200 && sent.status < 300) {
    hook.failures = 0;
    hook.disabledUntil = undefined;
  } else failed(hook, now);
}

function failed(hook: Hook, now: Date): void {
  hook.failures += 1;
  if (hook.failures < DISABLED_AFTER) return;
  const doubled = DISABLED_MS_MIN * 2 ** (hook.failures - DISABLED_AFTER);
  const ms = hook.failures >= DISABLED_FOR_GOOD_AFTER ? Infinity : doubled;
  const until = ms === Infinity ? 8.64e15 : now.getTime() + Math.min(ms, DISABLED_MS_MAX);
  hook.disabledUntil = new Date(until);
}

function headersOf(world: World, { hook, event, body, key, eventId }: Sent, now: Date) {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signing = hook.signingToken;
  return {
    "content-type": "application/json",
    "user-agent": "GitLab/19.5.0",
    "idempotency-key": key,
    "x-gitlab-event": event,
    "x-gitlab-event-uuid": eventId,
    "x-gitlab-webhook-uuid": randomUUID(),
    "x-gitlab-instance": world.origin,
    ...(hook.token === undefined ? {} : { "x-gitlab-token": hook.token }),
    ...(signing === undefined
      ? {}
      : {
          "webhook-id": key,
          "webhook-timestamp": timestamp,
          "webhook-signature": `v1,${sign(signing, `${key}.${timestamp}.${body}`)}`,
        }),
  };
}

function sign(token: string, text: string): string {
  const key = Buffer.from(token.replace("whsec_", ""), "base64");
  return createHmac("sha256", key).update(text).digest("base64");
}

/** Told of each move of a job, and of its pipeline with it. */
export function jobMoved(world: World, job: Job): void {
  const { project } = job.pipeline;
  if (project.forge.hooks.length === 0) return;
  world.deliveries.emit(world, project, "Job Hook", jobBody(world, job));
  world.deliveries.emit(world, project, "Pipeline Hook", pipelineBody(world, job.pipeline));
}
