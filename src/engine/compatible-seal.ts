import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { DirspaceKey } from "../core/change/dirspace.ts";

/** What a stored plan belongs to. All of it is bound into the seal, so that it cannot be moved in the database (S12). */
export interface PlanPlace {
  readonly repository: string;
  readonly unit: DirspaceKey;
  readonly headSha: string;
  readonly digest: string;
}

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function digestOf(plan: Uint8Array): string {
  return createHash("sha256").update(plan).digest("hex");
}

/** Layout: IV, tag, encrypted plan. */
export function sealPlan(plan: Uint8Array, key: Uint8Array, place: PlanPlace): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(boundTo(place));
  const body = Buffer.concat([cipher.update(plan), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** Undefined where it was sealed for another place or by somebody else, or was changed. */
export function openPlan(
  sealed: Uint8Array,
  key: Uint8Array,
  place: PlanPlace,
): Uint8Array | undefined {
  const bodyAt = IV_BYTES + TAG_BYTES;
  if (sealed.byteLength < bodyAt) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(boundTo(place)).setAuthTag(sealed.subarray(IV_BYTES, bodyAt));
    const plan = Buffer.concat([decipher.update(sealed.subarray(bodyAt)), decipher.final()]);
    return digestOf(plan) === place.digest ? plan : undefined;
  } catch {
    return undefined;
  }
}

function boundTo({ repository, unit, headSha, digest }: PlanPlace): Buffer {
  return Buffer.from(JSON.stringify(["compatible plan", repository, unit, headSha, digest]));
}
