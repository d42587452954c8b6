import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { capture, type Env, findProgram } from "../../process.ts";
import type { Stop } from "../../stop.ts";

export interface SignedFile {
  readonly file: string;
  readonly signature: string;
  /** A public key, armoured or not. */
  readonly key: Buffer;
  /** In upper case; empty where every key of `key` counts, because the user named it. */
  readonly fingerprints: readonly string[];
}

export type Verified =
  | { readonly kind: "good" }
  | { readonly kind: "bad"; readonly message: string }
  | { readonly kind: "cannot"; readonly message: string };

const TIMEOUT_MS = 30_000;
const CHARS_MAX = 200_000;
/** Expiry is no reason: a release stays signed after its key has run out. Revocation is one. */
const REFUSED = /^\[GNUPG:\] (BADSIG|ERRSIG|REVKEYSIG|EXPSIG|NO_PUBKEY)\b/m;

/** Checks a detached OpenPGP signature with the machine's own tool; this program brings no cryptography of its own. */
export async function verifySignature(
  signed: SignedFile,
  options: { readonly folder: string; readonly env: Env; readonly stop: Stop },
): Promise<Verified> {
  const { folder, env, stop } = options;
  const keyring = join(folder, "keyring.gpg");
  await writeFile(keyring, withoutArmour(signed.key), { mode: 0o600 });
  const verifier = await findVerifier(env, folder);
  if (verifier === undefined) {
    const message =
      "Neither gpgv nor gpg is on PATH, so its signature cannot be checked. Install gpgv in the CI job, or set TERRANE_ENGINE_VERIFY=hash to be content with the hash.";
    return { kind: "cannot", message };
  }
  const { program, before } = verifier;
  const args = [...before, "--status-fd", "1", "--keyring", keyring, ...verifier.verb];
  const run = await capture(
    { program, args: [...args, signed.signature, signed.file], cwd: folder, env, protect: false },
    { stop, graceMs: TIMEOUT_MS, charsMax: CHARS_MAX },
  );
  const refused = REFUSED.exec(run.stdout)?.[1];
  const by = /^\[GNUPG:\] VALIDSIG (.+)$/m.exec(run.stdout)?.[1]?.split(" ") ?? [];
  // The last one is the primary key's, whatever subkey signed.
  const fingerprint = by.at(-1)?.toUpperCase();
  if (refused !== undefined || fingerprint === undefined) {
    return {
      kind: "bad",
      message: `Its signature is not good (${refused ?? "no valid signature"}).`,
    };
  }
  const { fingerprints } = signed;
  if (fingerprints.length === 0 || fingerprints.includes(fingerprint)) return { kind: "good" };
  const message = `It is signed by ${fingerprint}, and only ${fingerprints.join(", ")} may sign it.`;
  return { kind: "bad", message };
}

async function findVerifier(env: Env, folder: string) {
  const gpgv = await findProgram("gpgv", env, folder);
  if (gpgv !== undefined) return { program: gpgv, before: [], verb: [] };
  const gpg = await findProgram("gpg", env, folder);
  if (gpg === undefined) return undefined;
  const before = [
    "--homedir",
    folder,
    "--batch",
    "--no-default-keyring",
    "--trust-model",
    "always",
  ];
  return { program: gpg, before, verb: ["--verify"] };
}

/** OpenPGP's text form: base64 between two lines, with a checksum that begins with `=`. */
export function withoutArmour(key: Buffer): Buffer {
  const text = key.toString("latin1");
  const blocks = text.matchAll(
    /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([^]*?)-----END PGP PUBLIC KEY BLOCK-----/g,
  );
  const parts = [...blocks].map(([, body = ""]) => {
    const lines = body.split(/\r?\n/);
    const start = lines.indexOf("") + 1;
    const data = lines.slice(start).filter((line) => !line.startsWith("="));
    return Buffer.from(data.join(""), "base64");
  });
  return parts.length === 0 ? key : Buffer.concat(parts);
}
