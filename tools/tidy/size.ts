import ts from "typescript";
import type { TreeFile } from "./tree-file.ts";

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 70;

/** What a file that was too long already may still have. A number here only ever goes down. */
export type Ratchet = Readonly<
  Record<string, { readonly file?: number; readonly function?: number }>
>;

const MEASURED = /\.(?:ts|tsx|mjs|cjs|sql|css)$/;
const GENERATED = /\.gen\.ts$/;

/** Screens are finite: a file holds one concept, a function fits on one screen. */
export function tooLong(files: readonly TreeFile[], ratchet: Ratchet): readonly string[] {
  const found: string[] = [];
  for (const file of files) {
    if (!MEASURED.test(file.path) || GENERATED.test(file.path)) continue;
    const allowed = ratchet[file.path] ?? {};
    const lines = countLines(file.text);
    found.push(...judge(file.path, "file", lines, FILE_LINES_MAX, allowed.file));
    if (!/\.tsx?$/.test(file.path)) continue;
    const longest = longestFunction(file);
    found.push(
      ...judge(
        `${file.path}:${longest.line}`,
        "function",
        longest.lines,
        FUNCTION_LINES_MAX,
        allowed.function,
      ),
    );
  }
  const paths = new Set(files.map((file) => file.path));
  const gone = Object.keys(ratchet).filter((path) => !paths.has(path));
  return [...found, ...gone.map((path) => `${path}: is gone; take it out of the ratchet`)];
}

function judge(
  place: string,
  what: "file" | "function",
  lines: number,
  max: number,
  allowed: number | undefined,
): readonly string[] {
  if (allowed === undefined) {
    return lines <= max ? [] : [`${place}: a ${what} of ${lines} lines; at most ${max}, split it`];
  }
  if (lines > allowed) return [`${place}: the ${what} grew from ${allowed} to ${lines} lines`];
  if (lines < allowed) return [`${place}: shrank to ${lines} lines; lower the ratchet too`];
  return [];
}

function longestFunction(file: TreeFile): { readonly line: number; readonly lines: number } {
  const kind = file.path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true, kind);
  const isTest = /\.test\.tsx?$|^test\//.test(file.path);
  let longest = { line: 1, lines: 0 };

  const visit = (node: ts.Node): void => {
    if (isFunction(node) && !(isTest && registersTests(node))) {
      const lines = span(source, node) - namedInside(source, node);
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      if (lines > longest.lines) longest = { line, lines };
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return longest;
}

function span(source: ts.SourceFile, node: ts.Node): number {
  const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
  return source.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1;
}

/**
 * Lines of the functions with a name inside this one: a function that returns an object of methods
 * is read as a list of them, and each is measured by itself. Callbacks belong to their function.
 */
function namedInside(source: ts.SourceFile, outer: ts.Node): number {
  let lines = 0;
  const visit = (node: ts.Node): void => {
    if (isFunction(node) && hasName(node)) lines += span(source, node) - 1;
    else ts.forEachChild(node, visit);
  };
  ts.forEachChild(outer, visit);
  return lines;
}

function hasName(node: ts.Node): boolean {
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
    return ts.isPropertyAssignment(node.parent) || ts.isVariableDeclaration(node.parent);
  }
  return true;
}

function isFunction(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

/** A suite is a list of tests; each of them is measured, the list is not. */
function registersTests(node: ts.Node): boolean {
  let found = false;
  const visit = (child: ts.Node): void => {
    if (ts.isCallExpression(child) && isTestCall(child.expression)) found = true;
    if (!found) ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

function isTestCall(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === "test" || callee.text === "describe";
  if (ts.isPropertyAccessExpression(callee)) return isTestCall(callee.expression);
  return ts.isCallExpression(callee) && isTestCall(callee.expression);
}

function countLines(text: string): number {
  return text === "" ? 0 : text.trimEnd().split("\n").length;
}
