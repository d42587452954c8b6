import { readFileSync, unlinkSync } from "node:fs";
import type { HostEnv } from "./host.ts";

const ID_TOKEN = /^TERRANE_ID_TOKEN(?:_\w+)?$/;

/** A one-time code, as a variable or in a file, which is gone once it was read. */
export function oneTimeCode(env: HostEnv): string {
  const plain = env["TERRANE_CODE"] ?? "";
  const path = env["TERRANE_CODE_FILE"] ?? "";
  if (plain !== "" || path === "") return plain;
  try {
    const code = readFileSync(path, "utf8").trim();
    unlinkSync(path);
    return code;
  } catch {
    // The job is told that it proves nothing, in the words for a variable that is missing.
    return "";
  }
}

/** Of the identity tokens that a CI system puts into variables, the one for this audience; else the first. */
export function idTokenFor(env: HostEnv, audience: string): string {
  const tokens = Object.entries(env)
    .filter(([name, value]) => ID_TOKEN.test(name) && (value ?? "") !== "")
    .map(([, value = ""]) => value);
  return tokens.find((token) => isFor(token, audience)) ?? env["TERRANE_ID_TOKEN"] ?? "";
}

function isFor(token: string, audience: string): boolean {
  try {
    const text = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
    const claims = JSON.parse(text) as { readonly aud?: unknown } | null;
    return [claims?.aud].flat().includes(audience);
  } catch {
    return false;
  }
}
