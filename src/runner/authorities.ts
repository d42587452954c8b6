import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import tls from "node:tls";
import { contextOf } from "./mask.ts";
import type { Env } from "./process.ts";

const NAME = /^CUSTOM_CA_BUNDLE_/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const CONTEXTS = ["SECRETS_CONTEXT", "VARIABLES_CONTEXT", "ENVIRONMENT_CONTEXT"];
/** Where systems keep the authorities that all programs trust. */
const SYSTEM_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];
/** By which programs are told of a bundle: Go and OpenSSL, git, curl, Python, the AWS tools, Node. */
const VARIABLES = [
  "SSL_CERT_FILE",
  "GIT_SSL_CAINFO",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "AWS_CA_BUNDLE",
  "NODE_EXTRA_CA_CERTS",
];

/** The certificates in variables `CUSTOM_CA_BUNDLE_*`, wherever the CI file put them. */
export function customAuthorities(
  given: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const contexts = CONTEXTS.map((name) => contextOf(given[name] ?? ""));
  const found = [given, ...contexts].flatMap((env) =>
    Object.entries(env).flatMap(([name, value]) =>
      NAME.test(name) ? (value?.match(CERTIFICATE) ?? []) : [],
    ),
  );
  return [...new Set(found)];
}

/** From here on this process itself trusts them, besides all that it trusted before. */
export function trustAuthorities(authorities: readonly string[]): void {
  if (authorities.length === 0) return;
  const all = [...tls.rootCertificates, ...authorities];
  const { createSecureContext } = tls;
  Object.assign(tls, {
    createSecureContext: (options?: tls.SecureContextOptions) =>
      createSecureContext(options?.ca === undefined ? { ...options, ca: all } : options),
  });
}

/** Tells every tool of them in the way it reads; a bundle that the job names itself stays. */
export async function withAuthorities(env: Env, folder: string): Promise<Env> {
  const authorities = customAuthorities(env);
  if (authorities.length === 0) return env;
  const file = join(folder, "ca-bundle.pem");
  const system = await systemBundle();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${system.trimEnd()}\n${authorities.join("\n")}\n`);
  const added: Record<string, string> = {};
  for (const name of VARIABLES) if (env[name] === undefined) added[name] = file;
  return { ...env, ...added };
}

async function systemBundle(): Promise<string> {
  for (const file of SYSTEM_FILES) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text !== "") return text;
  }
  return tls.rootCertificates.join("\n");
}
