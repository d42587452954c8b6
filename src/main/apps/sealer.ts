import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/** Keeps what is stored unreadable without a key that is outside the database. */
export interface Sealer {
  /** Names the key and gives nothing of it away. */
  readonly keyId: string;
  /** `purpose` is part of the seal: what was sealed for one opens for no other. */
  seal(text: string, purpose: string): Uint8Array;
  /** Undefined where it was sealed with another key or for another purpose, or was changed since. */
  open(sealed: Uint8Array, purpose: string): string | undefined;
}

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_HEX = 16;

export function createSealer(secretKey: Uint8Array): Sealer {
  const derive = (purpose: string) => createHmac("sha256", secretKey).update(purpose).digest();
  const key = derive("terrane seal of apps 1");
  return {
    keyId: derive("terrane name of the seal of apps 1").toString("hex").slice(0, KEY_ID_HEX),
    seal(text, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(purpose));
      return Buffer.concat([
        nonce,
        cipher.update(text, "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
    },
    open(sealed, purpose) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const tagAt = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(sealed.subarray(tagAt));
      try {
        const text = decipher.update(sealed.subarray(NONCE_BYTES, tagAt));
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch {
        return undefined;
      }
    },
  };
}
