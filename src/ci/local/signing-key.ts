import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
} from "jose";
import { isCode } from "./attempt-files.ts";

export interface SigningKey {
  readonly kid: string;
  readonly sign: CryptoKey;
  /** The public half, as the issuer publishes it. */
  readonly jwks: JSONWebKeySet;
}

const ALGORITHM = "RS256";

/** The key in the file, made the first time. Two servers that start at once end up with one key. */
export async function loadSigningKey(file: string): Promise<SigningKey> {
  const stored = (await readKey(file)) ?? (await makeKey(file));
  const { kty, n, e } = stored;
  if (kty !== "RSA" || n === undefined || e === undefined || stored.d === undefined) {
    throw new Error(`${file} holds no private RSA key. Remove it to have a new one made.`);
  }
  const sign = await importJWK(stored, ALGORITHM);
  if (sign instanceof Uint8Array) throw new Error(`${file} holds no private RSA key.`);
  const kid = await calculateJwkThumbprint({ kty, n, e });
  return { kid, sign, jwks: { keys: [{ kty, n, e, kid, alg: ALGORITHM, use: "sig" }] } };
}

async function readKey(file: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as JWK;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function makeKey(file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, {
    extractable: true,
    modulusLength: 2048,
  });
  const draft = `${file}.${process.pid}.draft`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(draft, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await unlink(draft);
  }
  const stored = await readKey(file);
  if (stored === undefined) throw new Error(`${file} was removed while it was made`);
  return stored;
}
