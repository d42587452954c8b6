import { z } from "zod";
import { parseWorkspace } from "../../change/dirspace.ts";
import { isGlob, parseGlob, unescapeGlob } from "../../change/glob.ts";
import { parseQuery } from "../../query/parser.ts";
import { pathSegments } from "../../query/path.ts";
import type { DiagnosticCode } from "../diagnostic.ts";
import { parseMatch } from "../match.ts";
import { parsePattern } from "../pattern.ts";

/**
 * A mapping that refuses keys it does not know. The list of known keys travels as the message of
 * the issue, because that is all that a schema can hand to the text that suggests the nearest one.
 */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(" ");
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined),
  });
}

/** Absent and `null` are the same to a reader; `null` resets to the default when files are merged. */
export function optional<Schema extends z.ZodType>(
  schema: Schema,
): z.ZodOptional<z.ZodNullable<Schema>> {
  return z.nullish(schema);
}

/** Text with a grammar of its own: `check` returns what is wrong with it. */
function text(code: DiagnosticCode, check: (value: string) => string | undefined): z.ZodString {
  return z.string().check((context) => {
    const message = check(context.value);
    if (message === undefined) return;
    context.issues.push({ code: "custom", message, input: context.value, params: { code } });
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

export const dirsKey = text("pattern", (value) => {
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

export const workspaceName = text("workspace", (value) => {
  const parsed = parseWorkspace(value);
  return parsed.kind === "error" ? parsed.message : undefined;
});

export const matchTerm = text("match", (value) => {
  const parsed = parseMatch(value);
  return parsed.kind === "error" ? parsed.message : undefined;
});

export const branchPattern = text("pattern", (value) => {
  const parsed = parsePattern(value);
  return parsed.kind === "error" ? parsed.message : undefined;
});

export const tagName = text("wrong_value", (value) =>
  value === "" ? "a tag cannot be empty" : undefined,
);

export const matchList = z.array(matchTerm);
export const tagList = z.array(tagName);
export const argv = z.array(z.string());
export const env = z.record(z.string(), z.string());
export const count = z.int().min(0);
