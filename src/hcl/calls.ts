import type { RawRead } from "./file-references.ts";
import {
  type Anchor,
  argumentPath,
  argumentText,
  callArguments,
  type Dialect,
} from "./raw-path.ts";
import { type Part, readTemplate, type Token } from "./tokens.ts";

/** Functions whose first argument is the path of a file that they read. */
const READERS: ReadonlySet<string> = new Set([
  "file",
  "fileexists",
  "filebase64",
  "filebase64sha256",
  "filebase64sha512",
  "filemd5",
  "filesha1",
  "filesha256",
  "filesha512",
  "templatefile",
]);

/** What the calls in a value read, and the configurations of Terragrunt that they load. */
export interface Found {
  readonly reads: RawRead[];
  readonly configs: { readonly from: Anchor; readonly path: string }[];
}

/** Notes every call with a literal path anywhere in the strings of a value. */
export function noteCalls(value: string, dialect: Dialect, found: Found): void {
  // Most strings hold no expression at all.
  if (!value.includes("{")) return;
  const parts = readTemplate(value);
  if (parts !== undefined) inParts(parts, dialect, found);
}

function inParts(parts: readonly Part[], dialect: Dialect, found: Found): void {
  for (const part of parts) {
    if (part.kind !== "text") inTokens(part.tokens, dialect, found);
  }
}

function inTokens(tokens: readonly Token[], dialect: Dialect, found: Found): void {
  for (const [at, token] of tokens.entries()) {
    if (token.kind === "template") inParts(token.parts, dialect, found);
    if (token.kind !== "name" || !READS.has(token.text)) continue;
    // `x.file(…)` and `provider::y::file(…)` are something else.
    if (isMark(tokens[at - 1], ".") || (isMark(tokens[at - 1], ":") && isMark(tokens[at - 2], ":")))
      continue;
    if (isMark(tokens[at + 1], "(")) noteCall(token.text, tokens, at + 1, dialect, found);
  }
}

const READS: ReadonlySet<string> = new Set([...READERS, "fileset", "read_terragrunt_config"]);

function noteCall(
  name: string,
  tokens: readonly Token[],
  open: number,
  dialect: Dialect,
  found: Found,
): void {
  const [first, second] = callArguments(tokens, open)?.list ?? [];
  const path = first === undefined ? undefined : argumentPath(first, dialect);
  if (path === undefined) return;
  if (name === "fileset") {
    const pattern = second === undefined ? undefined : argumentText(second, dialect);
    if (pattern !== undefined) found.reads.push({ ...path, pattern });
  } else if (READERS.has(name)) found.reads.push(path);
  else if (dialect.parentFile !== undefined) found.configs.push(path);
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === "mark" && token.text === text;
}
