import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** What a plan file belongs to. All of it is bound into the seal: a sealed plan cannot be moved (S12). */
export interface SealContext {
  readonly repository: string;
  readonly dir: string;
  readonly workspace: string;
  readonly headSha: string;
  /** Of the unsealed plan file, as `planDigest` makes it. */
  readonly digest: string;
}

export interface SealedContent {
  readonly plan: Buffer;
  /** Sensitive values of the plan: the apply must hide them too and should not render the plan again to learn them. */
  readonly secrets: readonly string[];
}

export type Unsealed =
  | { readonly kind: "ok"; readonly content: SealedContent }
  | { readonly kind: "refused"; readonly because: string };

/** Names the format; a change of layout changes it. */
const MAGIC = Buffer.from("TRNP1\n");
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;

/** `undefined` unless the text is base64 of exactly 32 bytes. */
export function sealKey(base64: string): Buffer | undefined {
  const key = Buffer.from(base64, "base64");
  return key.length === KEY_BYTES ? key : undefined;
}

/**
 * SHA-256 of a plan and of whose it is: plans are stored by it, and engines other than terraform may write
 * the same bytes for two dirspaces.
 */
export function planDigest(
  plan: Uint8Array,
  { dir, workspace }: Pick<SealContext, "dir" | "workspace">,
): string {
  const owner = JSON.stringify([dir, workspace]);
  return createHash("sha256").update(owner).update("\0").update(plan).digest("hex");
}

/** Layout: magic, IV, tag, then encrypted: length of the secrets as JSON, the secrets, the plan file. */
export function seal(content: SealedContent, key: Buffer, context: SealContext): Buffer {
  const secrets = Buffer.from(JSON.stringify(content.secrets), "utf8");
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(secrets.length);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(boundTo(context));
  const body = [
    cipher.update(length),
    cipher.update(secrets),
    cipher.update(content.plan),
    cipher.final(),
  ];
  return Buffer.concat([MAGIC, iv, cipher.getAuthTag(), ...body]);
}

export function unseal(sealed: Uint8Array, key: Buffer, context: SealContext): Unsealed {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const bodyAt = MAGIC.length + IV_BYTES + TAG_BYTES;
  if (bytes.length < bodyAt + LENGTH_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    return refused("The stored plan is not a sealed plan.");
  }
  const iv = bytes.subarray(MAGIC.length, MAGIC.length + IV_BYTES);
  const tag = bytes.subarray(MAGIC.length + IV_BYTES, bodyAt);
  const opened = decrypt(bytes.subarray(bodyAt), key, iv, tag, context);
  if (opened === undefined) {
    return refused(
      "The seal of the stored plan does not fit: it was made for another repository or under another name of it, for another directory, workspace, commit or key, or its bytes were changed.",
    );
  }
  const content = split(opened);
  if (content === undefined)
    return refused("The stored plan has a layout this runner cannot read.");
  if (planDigest(content.plan, context) !== context.digest) {
    return refused("The stored plan is not the plan that was reviewed: its digest differs.");
  }
  return { kind: "ok", content };
}

function decrypt(
  body: Buffer,
  key: Buffer,
  iv: Buffer,
  tag: Buffer,
  context: SealContext,
): Buffer | undefined {
  try {
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(context)).setAuthTag(tag);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return undefined;
  }
}

function split(opened: Buffer): SealedContent | undefined {
  if (opened.length < LENGTH_BYTES) return undefined;
  const planAt = LENGTH_BYTES + opened.readUInt32BE(0);
  if (planAt > opened.length) return undefined;
  try {
    const secrets: unknown = JSON.parse(opened.toString("utf8", LENGTH_BYTES, planAt));
    if (!Array.isArray(secrets)) return undefined;
    return {
      plan: opened.subarray(planAt),
      secrets: secrets.filter((secret) => typeof secret === "string"),
    };
  } catch {
    return undefined;
  }
}

function boundTo(context: SealContext): Buffer {
  const { repository, dir, workspace, headSha, digest } = context;
  return Buffer.from(JSON.stringify(["terrane plan", repository, dir, workspace, headSha, digest]));
}

function refused(because: string): Unsealed {
  return { kind: "refused", because };
}
