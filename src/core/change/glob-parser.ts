/** A piece of a glob. Paths are matched with a leading slash, so that each name has one before it. */
export type Part =
  | { readonly kind: "literal"; readonly code: number }
  /** `?`: one character of a name. */
  | { readonly kind: "any" }
  /** `*`: any run of characters of a name. */
  | { readonly kind: "star" }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly Range[] }
  /** A leading or inner `**` with its slash: any number of directories. */
  | { readonly kind: "directories" }
  /** A trailing `**` with the slash before it: the directory itself and whatever is below. */
  | { readonly kind: "subtree" }
  /** `**` where no slash belongs to it, as in `{**,x}`. */
  | { readonly kind: "everything" }
  | { readonly kind: "choice"; readonly branches: readonly (readonly Part[])[] };

export type Range = readonly [from: number, to: number];

export type ParsedParts =
  | { readonly kind: "ok"; readonly parts: readonly Part[]; readonly warnings: readonly string[] }
  | GlobError;

export interface GlobError {
  readonly kind: "error";
  readonly message: string;
  readonly offset: number;
}

export const GLOB_CHARS_MAX = 4096;
export const GLOB_DEPTH_MAX = 16;
export const SLASH = 0x2f;

/** `{1..3}` is text and not a sequence. */
const SEQUENCE = /\{[^{},/]*\.\.[^{},/]*\}/y;

/** Reads a glob that is relative to the root of the repository. */
export function parseParts(text: string): ParsedParts {
  if (text === "") return failure("a pattern cannot be empty", 0);
  if (text.length > GLOB_CHARS_MAX) {
    return failure(`a pattern is at most ${GLOB_CHARS_MAX} characters long`, 0);
  }
  const closings = closingBraces(text);
  if ("kind" in closings) return closings;
  const state: State = { text, at: 0, closings, warnings: [] };
  const parts: Part[] = [{ kind: "literal", code: SLASH }];
  const error = parseSequence(state, parts, { end: text.length, left: true, right: true });
  return error ?? { kind: "ok", parts, warnings: state.warnings };
}

interface State {
  readonly text: string;
  at: number;
  /** Where each `{` that opens a choice is closed. */
  readonly closings: ReadonlyMap<number, number>;
  readonly warnings: string[];
}

/** `left` and `right`: whether a name begins or ends at this edge of the sequence. */
interface Bounds {
  readonly end: number;
  readonly left: boolean;
  readonly right: boolean;
}

function parseSequence(state: State, parts: Part[], bounds: Bounds): GlobError | undefined {
  while (state.at < bounds.end) {
    const character = state.text.charAt(state.at);
    let error: GlobError | undefined;
    if (character === "*") parseStars(state, parts, bounds);
    else if (character === "?") pushAndSkip(state, parts, { kind: "any" });
    else if (character === "[") error = parseClass(state, parts);
    else if (character === "{" && state.closings.has(state.at)) {
      error = parseChoice(state, parts, bounds);
    } else error = parseLiteral(state, parts);
    if (error !== undefined) return error;
  }
  return undefined;
}

function parseStars(state: State, parts: Part[], bounds: Bounds): void {
  const start = state.at;
  while (state.text.charAt(state.at) === "*") state.at += 1;
  if (state.at - start === 1) {
    parts.push({ kind: "star" });
    return;
  }
  const before = parts.at(-1);
  const left =
    before === undefined ? bounds.left : isSlash(before) || before.kind === "directories";
  const slashAfter = state.at < bounds.end && state.text.charCodeAt(state.at) === SLASH;
  const right = slashAfter || (state.at === bounds.end && bounds.right);
  if (!left || !right) {
    state.warnings.push(
      "`**` means any number of directories only where it stands alone between slashes; here it is `*`",
    );
    parts.push({ kind: "star" });
  } else if (slashAfter) {
    state.at += 1;
    if (before?.kind !== "directories") parts.push({ kind: "directories" });
  } else {
    pushTrailing(parts);
  }
}

function pushTrailing(parts: Part[]): void {
  if (parts.at(-1)?.kind === "directories") parts.pop();
  const before = parts.at(-1);
  if (before === undefined || !isSlash(before)) {
    parts.push({ kind: "everything" });
    return;
  }
  parts.pop();
  parts.push({ kind: "subtree" });
}

function parseClass(state: State, parts: Part[]): GlobError | undefined {
  const opening = state.at;
  state.at += 1;
  const sign = state.text.charAt(state.at);
  const negated = sign === "^" || sign === "!";
  if (negated) state.at += 1;
  const ranges: Range[] = [];
  const first = state.at;
  for (;;) {
    if (state.at >= state.text.length) return failure("`[` is not closed", opening);
    // As everywhere, `]` right at the beginning stands for itself.
    if (state.text.charAt(state.at) === "]" && state.at > first) break;
    const from = classCharacter(state);
    const isRange =
      state.text.charAt(state.at) === "-" &&
      state.at + 1 < state.text.length &&
      state.text.charAt(state.at + 1) !== "]";
    if (isRange) state.at += 1;
    const to = isRange ? classCharacter(state) : from;
    if (to < from) return failure("a range in `[…]` runs backwards", opening);
    ranges.push([from, to]);
  }
  state.at += 1;
  parts.push({ kind: "class", negated, ranges });
  return undefined;
}

function classCharacter(state: State): number {
  if (state.text.charAt(state.at) === "\\" && state.at + 1 < state.text.length) state.at += 1;
  return nextCode(state);
}

function parseChoice(state: State, parts: Part[], bounds: Bounds): GlobError | undefined {
  const close = state.closings.get(state.at) ?? state.text.length;
  const before = parts.at(-1);
  const after = state.text.charCodeAt(close + 1);
  const left =
    before === undefined ? bounds.left : isSlash(before) || before.kind === "directories";
  const right = close + 1 === bounds.end ? bounds.right : after === SLASH;
  const branches: Part[][] = [];
  state.at += 1;
  for (;;) {
    const branch: Part[] = [];
    const end = branchEnd(state, close);
    const error = parseSequence(state, branch, { end, left, right });
    if (error !== undefined) return error;
    branches.push(branch);
    state.at = end + 1;
    if (end === close) break;
  }
  parts.push({ kind: "choice", branches });
  return undefined;
}

/** The next comma of this choice, or its closing brace. */
function branchEnd(state: State, close: number): number {
  let at = state.at;
  while (at < close) {
    const character = state.text.charAt(at);
    if (character === ",") return at;
    at = character === "{" ? (state.closings.get(at) ?? at) + 1 : skip(state.text, at);
  }
  return close;
}

function parseLiteral(state: State, parts: Part[]): GlobError | undefined {
  if (state.text.charAt(state.at) === "\\") {
    if (state.at + 1 >= state.text.length) {
      return failure("`\\` at the end escapes nothing", state.at);
    }
    state.at += 1;
  }
  parts.push({ kind: "literal", code: nextCode(state) });
  return undefined;
}

/** Finds where each choice ends before reading it, so that nothing is read twice. */
function closingBraces(text: string): ReadonlyMap<number, number> | GlobError {
  const closings = new Map<number, number>();
  const open: number[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === "{") {
      SEQUENCE.lastIndex = at;
      const sequence = SEQUENCE.exec(text);
      if (sequence !== null) {
        at += sequence[0].length;
        continue;
      }
      if (open.push(at) > GLOB_DEPTH_MAX) {
        return failure(`braces are at most ${GLOB_DEPTH_MAX} levels deep`, at);
      }
    } else if (character === "}") {
      const opening = open.pop();
      if (opening !== undefined) closings.set(opening, at);
    }
    at = skip(text, at);
  }
  const unclosed = open.pop();
  return unclosed === undefined ? closings : failure("`{` is not closed", unclosed);
}

/** The place after the character, escape or class at `at`; braces and commas in those are text. */
function skip(text: string, at: number): number {
  const character = text.charAt(at);
  if (character === "\\") return at + 2;
  if (character !== "[") return at + 1;
  let end = at + 1;
  if (text.charAt(end) === "^" || text.charAt(end) === "!") end += 1;
  const first = end;
  while (end < text.length && (text.charAt(end) !== "]" || end === first)) {
    end += text.charAt(end) === "\\" ? 2 : 1;
  }
  return end < text.length ? end + 1 : at + 1;
}

function pushAndSkip(state: State, parts: Part[], part: Part): void {
  parts.push(part);
  state.at += 1;
}

function nextCode(state: State): number {
  const code = state.text.codePointAt(state.at) ?? 0;
  state.at += code > 0xffff ? 2 : 1;
  return code;
}

export function isSlash(part: Part): boolean {
  return part.kind === "literal" && part.code === SLASH;
}

function failure(message: string, offset: number): GlobError {
  return { kind: "error", message, offset };
}
