import { Hono } from "hono";

export interface CiIssuer {
  /** Exactly as in the tokens' `iss`. */
  readonly issuer: () => string;
  /** The public keys. */
  readonly jwks: () => object;
}

/** What the issuer of CI identity tokens publishes, so that others (a cloud, say) can trust local jobs as well. */
export function ciIdentityRoutes({ issuer, jwks }: CiIssuer): Hono {
  return new Hono()
    .get("/openid-configuration", (context) =>
      context.json({
        issuer: issuer(),
        jwks_uri: `${issuer()}/.well-known/jwks`,
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
        claims_supported: [
          "sub",
          "aud",
          "exp",
          "iat",
          "nbf",
          "iss",
          "jti",
          "repository_id",
          "run_id",
        ],
        scopes_supported: ["openid"],
      }),
    )
    .get("/jwks", (context) => context.json(jwks()));
}
