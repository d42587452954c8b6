import { unreachable } from "../base/unreachable.ts";
import { type FileReferences, NOTHING } from "./file-references.ts";
import { FILE_BYTES_MAX, NESTING_MAX, PROBLEM_CHARACTERS_MAX } from "./limits.ts";
import type { HclParser, Parsed, SourceText } from "./parser.ts";
import { terraformReferences } from "./terraform.ts";
import { terragruntReferences } from "./terragrunt.ts";

/** How the text of a file is to be read; a part of the key that its references are remembered by. */
export type Syntax = "tf" | "tf_json" | "terragrunt" | "terragrunt_json";

/** The syntax that the name of a file stands for; `undefined` where it is none of ours. */
export function syntaxOf(path: string): Syntax | undefined {
  if (/\.(?:tf|tofu)$/.test(path)) return "tf";
  if (/\.(?:tf|tofu)\.json$/.test(path)) return "tf_json";
  if (path.endsWith(".hcl")) return "terragrunt";
  return path.endsWith(".hcl.json") ? "terragrunt_json" : undefined;
}

export interface SyntaxText extends SourceText {
  readonly syntax: Syntax;
}

/** What each file refers to, in the order of the files. Broken or hostile text is a `problem`. */
export async function referencesOf(
  parser: Pick<HclParser, "parse">,
  files: readonly SyntaxText[],
): Promise<readonly FileReferences[]> {
  const results = files.map(withoutParser);
  const left = files.filter((_, at) => results[at] === undefined);
  const parsed = left.length === 0 ? [] : await parser.parse(left);
  let next = 0;
  return files.map((file, at) => {
    const known = results[at];
    if (known !== undefined) return known;
    const one = parsed[next];
    next += 1;
    return read(file, one ?? { kind: "error", message: "it was not parsed" });
  });
}

/**
 * Whether a file can refer to anything at all: most cannot, and looking costs a thousandth of
 * parsing. It may say yes too often, never no where the answer is yes.
 */
export function mayRefer(text: string, syntax: Syntax): boolean {
  switch (syntax) {
    case "tf":
      return MODULE.test(text) || READS.test(text);
    case "terragrunt":
      return TERRAGRUNT_BLOCKS.test(text) || READS.test(text);
    case "tf_json":
    case "terragrunt_json":
      // An escape can hide any word, and this parser costs nothing.
      return true;
    default:
      return unreachable(syntax);
  }
}

const READS =
  /\bfile(?:exists|set|base64(?:sha256|sha512)?|md5|sha1|sha256|sha512)?\s*[(/#]|\btemplatefile\s*[(/#]/;
const MODULE = /(?:^|[^.\w-])module\s*["\p{L}_/#]/u;
const TERRAGRUNT_BLOCKS =
  /\b(?:include|terraform|dependency|dependencies|read_terragrunt_config)\b/;

function withoutParser(file: SyntaxText): FileReferences | undefined {
  const { text, syntax } = file;
  if (Buffer.byteLength(text) > FILE_BYTES_MAX) {
    return { ...NOTHING, problem: `it is longer than ${FILE_BYTES_MAX / 1024} KiB` };
  }
  if (!mayRefer(text, syntax)) return NOTHING;
  if (nesting(text) > NESTING_MAX) {
    return { ...NOTHING, problem: `more than ${NESTING_MAX} brackets are open at one time` };
  }
  if (syntax === "tf" || syntax === "terragrunt") return undefined;
  return read(file, parseJson(text));
}

function read({ syntax }: SyntaxText, parsed: Parsed): FileReferences {
  if (parsed.kind === "error") return { ...NOTHING, problem: problemText(parsed.message) };
  return syntax === "tf" || syntax === "tf_json"
    ? terraformReferences(parsed.value)
    : terragruntReferences(parsed.value);
}

function parseJson(text: string): Parsed {
  try {
    return { kind: "ok", value: JSON.parse(text) };
  } catch (error) {
    return { kind: "error", message: error instanceof Error ? error.message : String(error) };
  }
}

/** Only ever too high: brackets in strings and comments count too, unless they close again. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x28 || code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if ((code === 0x29 || code === 0x5d || code === 0x7d) && depth > 0) depth -= 1;
  }
  return deepest;
}

/** The parser lists every mistake; the first one teaches enough. */
function problemText(message: string): string {
  const [line = ""] = message.replace(/^parse config: \[/, "").split("\n");
  return line.length <= PROBLEM_CHARACTERS_MAX ? line : `${line.slice(0, PROBLEM_CHARACTERS_MAX)}…`;
}
