import { parseVersion } from "../engine/version/version.ts";

/** One provider of a `.terraform.lock.hcl`. */
export interface LockedProvider {
  /** `registry.terraform.io/hashicorp/aws` */
  readonly source: string;
  readonly version: string;
  /** `zh:` is of the archive as it is published, `h1:` of the files in it. */
  readonly hashes: readonly string[];
}

export const LOCK_FILE = ".terraform.lock.hcl";
export const LOCK_FILE_CHARS_MAX = 2_000_000;
const PROVIDERS_MAX = 200;
const BLOCK =
  /^provider "([A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[A-Za-z0-9][A-Za-z0-9_-]*){2})" \{[ \t]*$/;
const VERSION = /^[ \t]*version[ \t]*=[ \t]*"([^"]{1,100})"[ \t]*$/;
const HASHES = /^[ \t]*hashes[ \t]*=[ \t]*\[[ \t]*$/;
const HASH = /^[ \t]*"((?:h1|zh):[A-Za-z0-9+/=]{20,100})",?[ \t]*$/;

/** As terraform itself writes the file; what people wrote in another form is left to terraform. */
export function parseLock(text: string): LockedProvider[] {
  if (text.length > LOCK_FILE_CHARS_MAX) return [];
  const found: LockedProvider[] = [];
  let source: string | undefined;
  let version: string | undefined;
  let hashes: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const begins = BLOCK.exec(line)?.[1];
    if (begins !== undefined) {
      [source, version, hashes] = [begins, undefined, []];
    } else if (/^\}[ \t]*$/.test(line)) {
      if (source !== undefined && version !== undefined) found.push({ source, version, hashes });
      source = undefined;
    } else if (source !== undefined) {
      version ??= parseVersion(VERSION.exec(line)?.[1] ?? "")?.text;
      const hash = HASH.exec(line)?.[1];
      if (hash !== undefined) hashes.push(hash);
    }
  }
  return found.slice(0, PROVIDERS_MAX);
}

/** The same file with one more hash of a provider; terraform's own init would add it as well. */
export function withHash(text: string, source: string, hash: string): string {
  const lines = text.split("\n");
  const block = lines.findIndex((line) => BLOCK.exec(line.trimEnd())?.[1] === source);
  const list = lines.findIndex((line, at) => at > block && HASHES.test(line.trimEnd()));
  const end = lines.findIndex((line, at) => at > block && line.trimEnd() === "}");
  if (block < 0 || list < 0 || end < list) return text;
  return [...lines.slice(0, list + 1), `    "${hash}",`, ...lines.slice(list + 1)].join("\n");
}
