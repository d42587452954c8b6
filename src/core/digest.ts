import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "../base/canonical-json.ts";

/** SHA-256 of a value as canonical JSON, in lower-case hexadecimal: equal values have equal digests, and nobody finds two others. */
export function digestOf(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}
