import { createLocalJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import type { Instant } from "../base/brand.ts";
import type { CiIdentity, ExpectedJob, Identified } from "../ports/ci.ts";
import { createKeyCache, type FetchJwks, type KeyCache } from "./key-cache.ts";

/** What a CI system's own claims say; the standard ones are read here for all of them. */
export type ClaimsRead =
  | { readonly kind: "ok"; readonly job: Omit<CiIdentity, "issuer" | "tokenId" | "expiresAtMs"> }
  | Exclude<Identified, { readonly kind: "ok" }>;

export interface IdentityOptions {
  /** Exactly as in `iss`; it comes from the operator, never from a token. */
  readonly issuer: string;
  readonly fetchJwks: FetchJwks;
  readonly now: () => Instant;
  readonly read: (claims: JWTPayload, expected: ExpectedJob) => ClaimsRead | Promise<ClaimsRead>;
}

export type Identify = (
  token: string,
  audience: string,
  expected: ExpectedJob,
) => Promise<Identified>;

/** Clocks of CI machines differ from ours by less than this. */
export const SKEW_SECONDS = 60;
/** Tokens of the hosted CI systems have about 2,000. */
const TOKEN_CHARS_MAX = 16_384;
/** One algorithm: `none` and the symmetric ones, which a public key would verify, are not even looked at. */
const ALGORITHM = "RS256";

/**
 * Verifies CI identity tokens of one issuer: signature by a published key, issuer, time, and an
 * audience that is ours alone. Whether the token was used before (`tokenId`) is the caller's to know.
 */
export function createIdentityVerifier(options: IdentityOptions): Identify {
  const keys = createKeyCache(options.fetchJwks, options.now);
  return async (token, audience, expected) => {
    const kid = readHeader(token);
    if (kid.kind !== "ok") return kid;
    const found = await keys.find(kid.value);
    switch (found.kind) {
      case "found":
        return verify(options, { token, audience, expected }, found.jwks);
      case "unknown":
        return refused("it is signed with a key that the issuer does not publish");
      case "unavailable":
        return found;
    }
  };
}

type Header = { readonly kind: "ok"; readonly value: string } | ReturnType<typeof refused>;

function readHeader(token: string): Header {
  if (token.length > TOKEN_CHARS_MAX) return refused("it is too long for an identity token");
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    return refused("it is no JSON web token");
  }
  if (header.alg !== ALGORITHM) return refused(`it is not signed with ${ALGORITHM}`);
  if (typeof header.kid !== "string" || header.kid === "") return refused("it names no key");
  return { kind: "ok", value: header.kid };
}

type Jwks = Extract<Awaited<ReturnType<KeyCache["find"]>>, { readonly kind: "found" }>["jwks"];

interface Shown {
  readonly token: string;
  readonly audience: string;
  readonly expected: ExpectedJob;
}

async function verify(
  options: IdentityOptions,
  { token, audience, expected }: Shown,
  jwks: Jwks,
): Promise<Identified> {
  const now = options.now();
  let claims: JWTPayload;
  try {
    const verified = await jwtVerify(token, createLocalJWKSet(jwks), {
      algorithms: [ALGORITHM],
      issuer: options.issuer,
      audience,
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(now),
      requiredClaims: ["exp", "iat", "jti"],
    });
    claims = verified.payload;
  } catch (error) {
    return refused(explain(error));
  }
  const { aud, exp, iat, jti } = claims;
  // A token that is good elsewhere too could be handed on from there.
  const only = typeof aud === "string" ? aud : aud?.length === 1 ? aud[0] : undefined;
  if (only !== audience) return refused("its audience is not this attempt alone");
  if (typeof jti !== "string" || jti === "") return refused("it has no id (jti)");
  if (exp === undefined || iat === undefined) return refused("it does not say how long it is good");
  if (iat > now / 1000 + SKEW_SECONDS) return refused("it was issued in the future");
  const read = await options.read(claims, expected);
  if (read.kind !== "ok") return read;
  return {
    kind: "ok",
    identity: { ...read.job, issuer: options.issuer, tokenId: jti, expiresAtMs: exp * 1000 },
  };
}

function explain(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.reason === "missing"
      ? `its claim ${error.claim} is missing`
      : `its claim ${error.claim} is not what it must be`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  if (error instanceof errors.JOSEError) return "it is no valid identity token";
  throw error;
}

function refused(because: string): { readonly kind: "refused"; readonly because: string } {
  return { kind: "refused", because };
}
