import { verify } from "@octokit/webhooks-methods";
import type { Delivery, Received, WebhookReceiver } from "../../ports/vcs.ts";
import { rejected, translate } from "./translate.ts";

/** GitHub sends at most 25 MB and drops what is larger. */
export const DELIVERY_BYTES_MAX = 26 * 1024 * 1024;
const DELIVERY_ID = /^[0-9A-Za-z-]{1,100}$/;

export interface ReceiverOptions {
  /** One, or two while the secret is being changed; never none and never empty. */
  readonly secrets: readonly string[];
  /** Our own comments are not commands. */
  readonly appId: number;
}

/** Verifies, reads and translates GitHub's webhooks. */
export function createReceiver({ secrets, appId }: ReceiverOptions): WebhookReceiver {
  if (secrets.length === 0 || secrets.some((secret) => secret.trim() === "")) {
    throw new Error(
      "The GitHub webhook secret is missing or empty: anybody could send events. Set it here and in the settings of the app.",
    );
  }
  return {
    kind: "github",
    receive: async (delivery) => await receive(delivery, secrets, String(appId)),
  };
}

async function receive(
  { headers, body }: Delivery,
  secrets: readonly string[],
  appId: string,
): Promise<Received> {
  if (body.byteLength > DELIVERY_BYTES_MAX) {
    return rejected(413, `The body is larger than ${DELIVERY_BYTES_MAX} bytes.`);
  }
  const text = decode(body);
  const signature = headers["x-hub-signature-256"] ?? "";
  if (signature === "") return rejected(401, "The header x-hub-signature-256 is missing.");
  if (text === undefined || text === "") return rejected(400, "The body is not UTF-8 text.");
  if (!(await isAuthentic(text, signature, secrets))) {
    return rejected(401, "The signature does not belong to this body.");
  }
  const deliveryId = headers["x-github-delivery"] ?? "";
  const name = headers["x-github-event"] ?? "";
  if (!DELIVERY_ID.test(deliveryId))
    return rejected(400, "The header x-github-delivery is missing.");
  if (name === "") return rejected(400, "The header x-github-event is missing.");
  const payload = parseJson(text);
  if (payload === undefined) return rejected(400, "The body is not JSON.");
  return translate(deliveryId, name, payload, appId);
}

/** Invalid UTF-8 is refused, so that text and signed bytes are one and the same. */
function decode(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** All secrets are tried, whichever matches, so that the time tells nothing about which one is in use. */
async function isAuthentic(
  text: string,
  signature: string,
  secrets: readonly string[],
): Promise<boolean> {
  const verdicts = await Promise.all(secrets.map((secret) => verify(secret, text, signature)));
  return verdicts.includes(true);
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value ?? undefined;
  } catch {
    return undefined;
  }
}
