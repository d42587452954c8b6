import { createHash } from "node:crypto";
import type { VcsEvent } from "../../core/vcs-event.ts";
import type { Delivery, Received, VcsResult, WebhookReceiver } from "../../ports/vcs.ts";
import { createVerifier, type Verifier, type WebhookSecrets } from "./authentic.ts";
import { happening } from "./happening.ts";
import { aboutSchema, envelopeSchema } from "./hook-schema.ts";

/** GitLab sends at most 25 MB unless its administrator wants more. */
const DELIVERY_BYTES_MAX = 26 * 1024 * 1024;
const DELIVERY_ID = /^[0-9A-Za-z_-]{1,100}$/;

export interface ReceiverOptions {
  readonly secrets: WebhookSecrets;
  readonly installation: string;
  readonly now: () => number;
  /** Our own notes are not commands. */
  readonly self: () => Promise<VcsResult<string>>;
}

/**
 * Verifies, reads and translates GitLab's webhooks. What is authentic is never refused, not even where it cannot be read:
 * GitLab switches a webhook off after four answers in a row that it does not like.
 */
export function createReceiver(options: ReceiverOptions): WebhookReceiver {
  const verify = createVerifier(options.secrets);
  return { kind: "gitlab", receive: (delivery) => receive(delivery, verify, options) };
}

async function receive(
  { headers, body }: Delivery,
  verify: Verifier,
  options: ReceiverOptions,
): Promise<Received> {
  if (body.byteLength > DELIVERY_BYTES_MAX) {
    const because = `The body is larger than ${DELIVERY_BYTES_MAX} bytes.`;
    return { kind: "rejected", status: 413, because };
  }
  const wrong = verify(headers, body, options.now());
  if (wrong !== undefined) return { kind: "rejected", status: 401, because: wrong };
  const deliveryId = idOf(headers, body);
  const payload = parseJson(body);
  const envelope = envelopeSchema.safeParse(payload);
  if (!envelope.success) {
    return { kind: "ignored", deliveryId, because: "The body is not an event of GitLab." };
  }
  const { kind, project } = envelope.data;
  const about =
    project === undefined ? {} : { about: { repository: project.id, number: numberIn(payload) } };
  const told = await happening(kind, payload, options.self);
  if (told.kind === "ignored") {
    return { kind: "ignored", deliveryId, because: told.because, ...about };
  }
  if (project === undefined) {
    return { kind: "ignored", deliveryId, because: `The ${kind} event names no project.` };
  }
  const event: VcsEvent = {
    deliveryId,
    installation: options.installation,
    repository: {
      id: project.id,
      fullName: project.path_with_namespace,
      defaultBranch: project.default_branch ?? "main",
    },
    what: told.what,
  };
  return { kind: "event", event };
}

/** Attempts at the same delivery share it; an older GitLab gives none, and what says the same is the same. */
function idOf(headers: Readonly<Record<string, string>>, body: Uint8Array): string {
  const given = headers["webhook-id"] ?? headers["idempotency-key"] ?? "";
  if (DELIVERY_ID.test(given)) return given;
  return `sha256-${createHash("sha256").update(body).digest("hex")}`;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

function numberIn(payload: unknown): number | undefined {
  const found = aboutSchema.safeParse(payload);
  if (!found.success) return undefined;
  return found.data.merge_request?.iid ?? found.data.object_attributes?.iid ?? undefined;
}
