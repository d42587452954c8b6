/** Larger files are generated data, not the place of a backend block. */
export const ENGINE_FILE_CHARS_MAX = 2_000_000;

/**
 * Whether a file of a root module says where its state is kept: a `backend` or `cloud` block inside a
 * `terraform` block. Comments, strings, templates and heredocs are skipped, so that a mention is not
 * mistaken for a block. Not a full parser: what does not parse is reported by the engine itself.
 */
export function hasBackendBlock(name: string, text: string): boolean {
  return name.endsWith(".json") ? jsonHasBackend(text) : hclHasBackend(text);
}

export function isEngineFile(name: string): boolean {
  return /\.(?:tf|tofu)(?:\.json)?$/.test(name) && !name.startsWith(".");
}

type Token = string | undefined;

function hclHasBackend(text: string): boolean {
  let depth = 0;
  let terraformDepth = 0;
  /** The identifiers and strings of the statement so far: a block's type and its labels. */
  let words: string[] = [];
  for (const token of hclTokens(text)) {
    if (token === "{") {
      depth += 1;
      if (depth === 1 && words.length === 1 && words[0] === "terraform") terraformDepth = 1;
      const kind = words[0];
      const inTerraform = terraformDepth === 1 && depth === 2;
      if (inTerraform && kind === "backend" && words.length === 2) return true;
      if (inTerraform && kind === "cloud" && words.length === 1) return true;
      words = [];
    } else if (token === "}") {
      depth = Math.max(0, depth - 1);
      if (depth === 0) terraformDepth = 0;
      words = [];
    } else if (token === "\n" || token === undefined) words = [];
    else words.push(token);
  }
  return false;
}

/** Identifiers, string labels as their quoted text, braces, line ends; anything else ends a block header (`undefined`). */
export function* hclTokens(text: string): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at, at + 2);
    const char = text.charAt(at);
    if (char === "#" || rest === "//") at = lineEnd(text, at);
    else if (rest === "/*") at = after(text, "*/", at + 2);
    else if (rest === "<<") {
      at = heredocEnd(text, at);
      yield undefined;
    } else if (char === '"') {
      const end = stringEnd(text, at);
      yield text.slice(at, end);
      at = end;
    } else if (/[A-Za-z_]/.test(char)) {
      const end = wordEnd(text, at);
      yield text.slice(at, end);
      at = end;
    } else {
      if (char === "{" || char === "}" || char === "\n") yield char;
      else if (!/\s/.test(char)) yield undefined;
      at += 1;
    }
  }
}

function wordEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[\w-]/.test(text.charAt(at))) at += 1;
  return at;
}

/** Behind the closing quote; templates inside may hold strings of their own. Iterative: nesting costs no stack. */
function stringEnd(text: string, from: number): number {
  // Each entry is an open construct: a string, or a template's braces inside one.
  const open: ('"' | "{")[] = ['"'];
  let at = from + 1;
  while (at < text.length && open.length > 0) {
    const char = text.charAt(at);
    const inside = open[open.length - 1];
    if (inside === '"') {
      if (char === "\\") at += 1;
      else if (char === '"') open.pop();
      else if ((char === "$" || char === "%") && text.charAt(at + 1) === "{") {
        // `$${` is a literal, not a template.
        if (text.charAt(at - 1) === char) at += 1;
        else {
          open.push("{");
          at += 1;
        }
      } else if (char === "\n" && open.length === 1) return at;
    } else if (char === '"') open.push('"');
    else if (char === "{") open.push("{");
    else if (char === "}") open.pop();
    at += 1;
  }
  return at;
}

function heredocEnd(text: string, from: number): number {
  const head = /^<<-?([A-Za-z_][\w-]*)[ \t]*\r?\n/.exec(text.slice(from, from + 300));
  if (head?.[1] === undefined) return from + 2;
  let at = from + head[0].length;
  while (at < text.length) {
    const end = lineEnd(text, at);
    if (text.slice(at, end).trim() === head[1]) return end;
    at = end + 1;
  }
  return text.length;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

function jsonHasBackend(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  return members(value, "terraform").some(
    (block) => members(block, "backend").length > 0 || members(block, "cloud").length > 0,
  );
}

/** JSON syntax allows a list of objects wherever one object may stand. */
function members(value: unknown, key: string): unknown[] {
  const holders = Array.isArray(value) ? value : [value];
  return holders.flatMap((holder: unknown) => {
    if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, key)) return [];
    const member: unknown = (holder as Record<string, unknown>)[key];
    return Array.isArray(member) ? (member as unknown[]) : [member];
  });
}
