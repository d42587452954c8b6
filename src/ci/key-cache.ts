import type { JSONWebKeySet } from "jose";
import type { Instant } from "../base/brand.ts";

/** Reads the issuer's published keys. A rejection means: cannot be asked now. */
export type FetchJwks = () => Promise<unknown>;

/** A key that the issuer withdrew is accepted for at most this long. */
const KEPT_MS = 10 * 60_000;
/** Tokens with made-up keys must not turn into requests to the issuer. */
const REFRESH_MS_MIN = 60_000;
const KEYS_MAX = 100;

export type KeyFound =
  | { readonly kind: "found"; readonly jwks: JSONWebKeySet }
  | { readonly kind: "unknown" }
  | { readonly kind: "unavailable"; readonly message: string };

export interface KeyCache {
  find(kid: string): Promise<KeyFound>;
}

interface Keys {
  readonly jwks: JSONWebKeySet;
  readonly at: Instant;
}

/** The issuer's keys: read once, again when they are old, and again for a key that is new to us. */
export function createKeyCache(fetchJwks: FetchJwks, now: () => Instant): KeyCache {
  let keys: Keys | undefined;
  let fetching: Promise<Keys | string> | undefined;

  async function fetchKeys(): Promise<Keys | string> {
    const at = now();
    try {
      const jwks = parseJwks(await fetchJwks());
      if (jwks === undefined) return "the issuer's keys are no JSON web key set";
      keys = { jwks, at };
      return keys;
    } catch (error) {
      return error instanceof Error ? error.message : "the issuer did not answer";
    } finally {
      fetching = undefined;
    }
  }

  /** Calls at the same time share one request. */
  function refresh(): Promise<Keys | string> {
    fetching ??= fetchKeys();
    return fetching;
  }

  return {
    async find(kid) {
      const kept = keys !== undefined && now() - keys.at < KEPT_MS ? keys : undefined;
      if (kept !== undefined && has(kept, kid)) return { kind: "found", jwks: kept.jwks };
      const waitMs = kept === undefined ? 0 : kept.at + REFRESH_MS_MIN - now();
      // The key may be newer than our copy: that is no proof against the token yet.
      if (waitMs > 0) return unavailable(`ask again in ${Math.ceil(waitMs / 1000)} s`);
      const newest = await refresh();
      if (typeof newest === "string") return unavailable(newest);
      return has(newest, kid) ? { kind: "found", jwks: newest.jwks } : { kind: "unknown" };
    },
  };
}

function has(keys: Keys, kid: string): boolean {
  return keys.jwks.keys.some((key) => key.kid === kid);
}

function unavailable(message: string): KeyFound {
  return { kind: "unavailable", message: `The identity cannot be verified now: ${message}.` };
}

function parseJwks(document: unknown): JSONWebKeySet | undefined {
  if (typeof document !== "object" || document === null || !("keys" in document)) return undefined;
  const { keys } = document;
  if (!Array.isArray(keys) || keys.length > KEYS_MAX) return undefined;
  // Keys of other kinds may stand beside ours; only what can sign RS256 is kept.
  return { keys: keys.filter(isRsaKey) };
}

function isRsaKey(key: unknown): key is JSONWebKeySet["keys"][number] {
  return typeof key === "object" && key !== null && "kty" in key && key.kty === "RSA";
}
