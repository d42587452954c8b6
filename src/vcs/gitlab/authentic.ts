import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A signature that is older, or from further ahead, could be somebody's recording. */
const WINDOW_MS = 5 * 60_000;
const PREFIX = "whsec_";
const KEY_BYTES_MIN = 16;

export interface WebhookSecrets {
  /** Secret tokens, sent as they are; several while one is being changed. */
  readonly tokens: readonly string[];
  /** Signing tokens, `whsec_…`; they never travel. */
  readonly signing: readonly string[];
}

type Headers = Readonly<Record<string, string>>;

/** What is wrong with a delivery, undefined where it is authentic. */
export type Verifier = (headers: Headers, body: Uint8Array, now: number) => string | undefined;

/** Refuses to be made where nothing could be verified. */
export function createVerifier({ tokens, signing }: WebhookSecrets): Verifier {
  if (tokens.length + signing.length === 0 || tokens.some((token) => token.trim() === "")) {
    throw new Error(
      "The GitLab webhook secret is missing or empty: anybody could send events. Set a signing token, or a secret token, here and in the settings of the webhook.",
    );
  }
  const keys = signing.map(keyOf);
  const hashes = tokens.map(hash);
  return (headers, body, now) => {
    const signature = headers["webhook-signature"] ?? "";
    // What is signed never falls back to the weaker proof.
    if (signature !== "" && keys.length > 0) return wrongSignature(headers, body, keys, now);
    const token = headers["x-gitlab-token"] ?? "";
    if (hashes.length === 0) return "The header webhook-signature is missing.";
    if (token === "") return "The header x-gitlab-token is missing.";
    const given = hash(token);
    // All are compared, so that the time tells nothing about which one is in use.
    const verdicts = hashes.map((one) => timingSafeEqual(one, given));
    return verdicts.includes(true) ? undefined : "The secret token is another one.";
  };
}

function keyOf(token: string): Buffer {
  const key = Buffer.from(token.slice(PREFIX.length), "base64");
  if (token.startsWith(PREFIX) && key.byteLength >= KEY_BYTES_MIN) return key;
  throw new Error(
    "The GitLab signing token cannot be used: copy it whole, as GitLab shows it once; it begins with whsec_.",
  );
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function wrongSignature(
  headers: Headers,
  body: Uint8Array,
  keys: readonly Buffer[],
  now: number,
): string | undefined {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN;
  if (id === "" || Number.isNaN(at)) return "The signature lacks its id or its time.";
  if (Math.abs(now - at) > WINDOW_MS) {
    return "The signature is more than five minutes off: look at the clocks of both sides.";
  }
  const given = (headers["webhook-signature"] ?? "")
    .split(" ")
    .flatMap((one) => (one.startsWith("v1,") ? [Buffer.from(one.slice(3), "base64")] : []));
  const verdicts = keys.flatMap((key) => {
    const right = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
    return given.map((one) => one.byteLength === right.byteLength && timingSafeEqual(one, right));
  });
  return verdicts.includes(true) ? undefined : "The signature does not belong to this body.";
}
