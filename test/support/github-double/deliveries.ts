import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Json, webhookDescription } from "./spec/description.ts";
import type { Repository, World } from "./world.ts";

/** GitHub does not send larger events at all. */
const PAYLOAD_BYTES_MAX = 25 * 1024 * 1024;
const REDELIVERABLE_MS = 3 * 24 * 60 * 60 * 1000;

export interface DeliveryRecord {
  readonly id: number;
  /** What `X-GitHub-Delivery` carries; a redelivery has the same. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly payload: Json;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly redelivery: boolean;
  readonly deliveredAt: Date;
  durationSeconds: number;
  /** 0 until it was answered, or when nobody did. */
  statusCode: number;
  status: string;
  requestHeaders: Readonly<Record<string, string>>;
  responseHeaders: Readonly<Record<string, string>>;
  responseBody: string;
}

/** What the network does to a delivery. */
export type Mishap =
  | { readonly kind: "lost" }
  | { readonly kind: "duplicated"; readonly times: number }
  | { readonly kind: "delayed"; readonly ms: number }
  /** Kept back until `release`. */
  | { readonly kind: "held" };

type Chooser = (delivery: DeliveryRecord) => Mishap | undefined;

/**
 * Webhooks out: signed, with a GUID, logged, and sent in the order things happened unless a test asks
 * for a mishap. Nothing is sent twice by itself: GitHub does not retry.
 */
export class Deliveries {
  readonly log: DeliveryRecord[] = [];
  #chain: Promise<void> = Promise.resolve();
  readonly #background = new Set<Promise<void>>();
  readonly #held: DeliveryRecord[] = [];
  readonly #choosers: Chooser[] = [];
  timeoutMs = 10_000;

  /** Applies to every later delivery until `clearMishaps`; the first that answers wins. */
  mishap(choose: Chooser): void {
    this.#choosers.push(choose);
  }

  /** The next `times` deliveries of an event (`pull_request.opened`, `push`) suffer this. */
  next(event: string, mishap: Mishap, times = 1): void {
    let left = times;
    this.#choosers.push((delivery) => {
      if (left === 0 || !matches(delivery, event)) return undefined;
      left -= 1;
      return mishap;
    });
  }

  clearMishaps(): void {
    this.#choosers.length = 0;
  }

  emit(
    world: World,
    event: string,
    repository: Repository | undefined,
    installationId: number,
    payload: Json,
  ): void {
    world.journal.violated(`webhook ${event}`, webhookDescription().check(event, payload));
    const { action: given } = payload;
    const action = typeof given === "string" ? given : undefined;
    const record: DeliveryRecord = {
      id: world.nextId(),
      guid: randomUUID(),
      event,
      action: action ?? null,
      payload,
      installationId,
      repositoryId: repository?.id ?? null,
      redelivery: false,
      deliveredAt: world.now(),
      durationSeconds: 0,
      statusCode: 0,
      status: "pending",
      requestHeaders: {},
      responseHeaders: {},
      responseBody: "",
    };
    world.journal.sent(action === undefined ? event : `${event}.${action}`);
    if (world.app.webhook === undefined) return;
    if (Buffer.byteLength(JSON.stringify(payload)) > PAYLOAD_BYTES_MAX) return;
    this.log.push(record);
    this.#dispatch(world, record);
  }

  /** The same delivery again, under its old GUID; undefined where it is unknown or too old. */
  redeliver(world: World, id: number): DeliveryRecord | undefined {
    const old = this.log.find((d) => d.id === id);
    if (old === undefined || !this.#recent(world, old)) return undefined;
    const again: DeliveryRecord = {
      ...old,
      id: world.nextId(),
      redelivery: true,
      deliveredAt: world.now(),
    };
    this.log.push(again);
    this.#send(world, again);
    return again;
  }

  /** Newest first, of the last three days: older ones are gone. */
  list(world: World): readonly DeliveryRecord[] {
    return this.log.filter((d) => this.#recent(world, d)).toReversed();
  }

  /** Lets go what was held, in the given order. */
  release(world: World, order: "kept" | "reversed" = "kept"): void {
    const records = this.#held.splice(0);
    if (order === "reversed") records.reverse();
    for (const record of records) this.#send(world, record);
  }

  /** Resolves when everything that is to be sent was answered, including what the answers caused. */
  async settled(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.#chain || this.#background.size > 0) {
      seen = this.#chain;
      await seen;
      await Promise.all(this.#background);
    }
  }

  #recent(world: World, delivery: DeliveryRecord): boolean {
    return world.now().getTime() - delivery.deliveredAt.getTime() <= REDELIVERABLE_MS;
  }

  #dispatch(world: World, record: DeliveryRecord): void {
    let mishap: Mishap | undefined;
    for (const choose of this.#choosers) if ((mishap = choose(record)) !== undefined) break;
    switch (mishap?.kind) {
      case undefined:
        return this.#send(world, record);
      case "lost":
        record.status = "failed to connect to host";
        return;
      case "held":
        this.#held.push(record);
        return;
      case "duplicated":
        for (let i = 0; i < mishap.times; i++) this.#send(world, record);
        return;
      case "delayed":
        return this.#later(mishap.ms, () => post(world, record, this.timeoutMs));
    }
  }

  #send(world: World, record: DeliveryRecord): void {
    this.#chain = this.#chain.then(() => post(world, record, this.timeoutMs));
  }

  #later(ms: number, work: () => Promise<void>): void {
    const waiting: Promise<void> = sleep(ms).then(work);
    this.#background.add(waiting);
    void waiting.finally(() => this.#background.delete(waiting));
  }
}

function matches(delivery: DeliveryRecord, event: string): boolean {
  return event === delivery.event || event === `${delivery.event}.${delivery.action ?? ""}`;
}

async function post(world: World, record: DeliveryRecord, timeoutMs: number): Promise<void> {
  const hook = world.app.webhook;
  if (hook === undefined) return;
  const body = JSON.stringify(record.payload);
  record.requestHeaders = {
    accept: "*/*",
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/044aadd",
    "x-github-delivery": record.guid,
    "x-github-event": record.event,
    "x-github-hook-id": String(world.app.hookId),
    "x-github-hook-installation-target-id": String(world.app.id),
    "x-github-hook-installation-target-type": "integration",
    "x-hub-signature-256": `sha256=${createHmac("sha256", hook.secret).update(body).digest("hex")}`,
  };
  const from = performance.now();
  try {
    const response = await fetch(hook.url, {
      method: "POST",
      headers: record.requestHeaders,
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    record.statusCode = response.status;
    record.status = response.ok ? "OK" : response.statusText || "Invalid HTTP Response";
    record.responseHeaders = Object.fromEntries(response.headers);
    record.responseBody = await response.text();
  } catch (error) {
    record.statusCode = 0;
    record.status =
      error instanceof Error && error.name === "TimeoutError"
        ? "timed out"
        : "failed to connect to host";
  }
  record.durationSeconds = Math.round(performance.now() - from) / 1000;
}
