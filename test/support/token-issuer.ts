import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/** What a test changes about a token, so that it must be refused. */
export interface TokenChange {
  /** `undefined` removes the claim. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Another key under the issuer's key id, or under one that the issuer does not publish. */
  readonly signedBy?: "issuer" | "other_key" | "unknown_key";
}

/** An issuer of identity tokens as CI systems have one: published keys that rotate, and tokens signed with the newest. */
export class TokenIssuer {
  readonly #keys: SigningKey[] = [newKey()];

  rotate(): void {
    this.#keys.unshift(newKey());
  }

  keySet(): { readonly keys: readonly unknown[] } {
    return {
      keys: this.#keys.map((key) => ({
        ...createPublicKey(key.privateKey).export({ format: "jwk" }),
        kid: key.kid,
        use: "sig",
        alg: "RS256",
      })),
    };
  }

  /** A token with an id of its own and these claims. */
  async sign(
    own: JWTPayload,
    { claims = {}, signedBy = "issuer" }: TokenChange = {},
  ): Promise<string> {
    const newest = this.#keys[0] ?? newKey();
    const signer = signedBy === "issuer" ? newest : newKey();
    const kid = signedBy === "unknown_key" ? signer.kid : newest.kid;
    return await new SignJWT({ jti: randomUUID(), ...own, ...claims })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", kid })
      .sign(signer.privateKey);
  }
}

function newKey(): SigningKey {
  return {
    kid: randomUUID(),
    privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
  };
}
