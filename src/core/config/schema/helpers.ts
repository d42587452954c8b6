import { z } from "zod";
import { parseWorkspace } from "../../change/dirspace.ts";
import { isGlob, parseGlob, unescapeGlob } from "../../change/glob.ts";
import { parseQuery } from "../../query/parser.ts";
import { pathSegments } from "../../query/path.ts";
import type { DiagnosticCode } from "../diagnostic.ts";
import { parseMatch } from "../match.ts";
import { parsePattern } from "../pattern.ts";

type Words = Readonly<Record<string, string>>;

/** Travels as the message of an issue, which is all that a schema can hand to the text about it. */
export interface KnownKeys {
  readonly known: readonly string[];
  /** Keys of a neighbour, and what to say to whoever writes them here. */
  readonly elsewhere: Words;
  /** Words that people write for a key and that do not look like it. */
  readonly synonyms: Words;
}

/** A mapping that refuses keys it does not know. */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
  { elsewhere = {}, synonyms = {} }: { elsewhere?: Words; synonyms?: Words } = {},
): z.ZodObject<Shape, z.core.$strict> {
  const keys: KnownKeys = { known: Object.keys(shape), elsewhere, synonyms };
  const message = JSON.stringify(keys);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? message : undefined),
  });
}

/** Absent and `null` are the same to a reader; `null` resets to the default when files are merged. */
export function optional<Schema extends z.ZodType>(
  schema: Schema,
): z.ZodOptional<z.ZodNullable<Schema>> {
  return z.nullish(schema);
}

interface TextProblem {
  readonly message: string;
  readonly suggestion?: string;
}

/** Text with a grammar of its own: `check` returns what is wrong with it. */
export function text(
  code: DiagnosticCode,
  check: (value: string) => TextProblem | string | undefined,
): z.ZodString {
  return z.string().check((context) => {
    const problem = check(context.value);
    if (problem === undefined) return;
    const { message, suggestion } =
      typeof problem === "string" ? { message: problem, suggestion: undefined } : problem;
    context.issues.push({
      code: "custom",
      message,
      input: context.value,
      params: { code, suggestion },
    });
  });
}

export const tagQuery = text("tag_query", (value) => {
  const parsed = parseQuery(value);
  return parsed.kind === "error" ? parsed.message : undefined;
});

/** A glob on file names; `${DIR}` and `${WORKSPACE}` stand for plain names here. */
export const filePattern = text("pattern", (value) => {
  const parsed = parseGlob(filePatternBody(value));
  return parsed.kind === "error" ? parsed.message : undefined;
});

export function filePatternBody(value: string): string {
  const body = value.startsWith("!") ? value.slice(1) : value;
  return body.replaceAll(/\$\{(?:DIR|WORKSPACE)\}/g, "x");
}

/** No directory that holds one can be a dirspace. */
const CONTROL = /\p{Cc}/u;

export const dirsKey = text("pattern", (value) => {
  if (CONTROL.test(value)) return "a key of `dirs` cannot hold control characters";
  if (value.startsWith("/")) return "a key of `dirs` is relative to the root of the repository";
  if (isGlob(value)) {
    const parsed = parseGlob(value);
    return parsed.kind === "error" ? parsed.message : undefined;
  }
  if (value === "") return "a key of `dirs` cannot be empty; the root is `.`";
  return pathSegments(unescapeGlob(value)) === undefined
    ? "a key of `dirs` cannot leave the repository"
    : undefined;
});

/** Of one file, exactly. */
export const filePath = text("wrong_value", (value) => {
  if (value.startsWith("/")) return "a path is relative to the root of the repository";
  const segments = pathSegments(value);
  if (segments === undefined) return "a path cannot leave the repository";
  if (segments.length === 0) return "a path names a file";
  const plain = segments.join("/");
  // Two spellings of one path would be two lists, of which one is passed over.
  return plain === value
    ? undefined
    : { message: "a path is written without `.`, `..` and extra slashes", suggestion: plain };
});

export const workspaceName = text("workspace", (value) => {
  const parsed = parseWorkspace(value);
  return parsed.kind === "error" ? parsed.message : undefined;
});

export const matchTerm = text("match", (value) => {
  const parsed = parseMatch(value);
  return parsed.kind === "error" ? parsed : undefined;
});

export const branchPattern = text("pattern", (value) => {
  const parsed = parsePattern(value);
  return parsed.kind === "error" ? parsed.message : undefined;
});

export const branchName = text("wrong_value", (value) =>
  value === "" ? "a branch cannot be empty; `*` is any branch" : undefined,
);

export const tagName = text("wrong_value", (value) => {
  if (value === "") return "a tag cannot be empty";
  // Rules by directory hold whatever a pull request says of its tags.
  return value.startsWith("dir:")
    ? "a tag that begins with `dir:` is given by the directory itself; choose another name"
    : undefined;
});

export const matchList = z.array(matchTerm);
export const tagList = z.array(tagName);
export const argv = z.array(z.string());
export const env = z.record(z.string(), z.string());
export const count = z.int().min(0);
