/** Longer diffs are cut: a page with more lines stops to answer. */
export const DIFF_LINES_MAX = 10_000;

export interface DiffLine {
  readonly kind: "same" | "added" | "removed" | "hunk" | "about";
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly text: string;
}

export interface FileDiff {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
  readonly lines: readonly DiffLine[];
}

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;

interface Place {
  before: number;
  after: number;
  beforeEnd: number;
  afterEnd: number;
}

/** Reads git's unified diff. The counts in a hunk's head say where it ends, so a removed line "-- a" is no file name. */
export function filesOf(diff: string): {
  readonly files: readonly FileDiff[];
  readonly cut: boolean;
} {
  const all = diff.split("\n", DIFF_LINES_MAX + 1);
  const files: { path: string; added: number; removed: number; lines: DiffLine[] }[] = [];
  let place: Place = { before: 0, after: 0, beforeEnd: 0, afterEnd: 0 };
  for (const line of all.slice(0, DIFF_LINES_MAX)) {
    const file = files.at(-1);
    const inHunk = place.before < place.beforeEnd || place.after < place.afterEnd;
    if (file !== undefined && inHunk && /^(?:[ +\-\\]|$)/.test(line)) {
      const read = hunkLine(line, place);
      if (read === undefined) continue;
      file.lines.push(read);
      if (read.kind === "added") file.added += 1;
      if (read.kind === "removed") file.removed += 1;
      continue;
    }
    const hunk = HUNK.exec(line);
    // A hunk that was shorter than its head says has been cut.
    place = { before: 0, after: 0, beforeEnd: 0, afterEnd: 0 };
    if (line.startsWith("diff --git ")) {
      files.push({ path: pathOf(line), added: 0, removed: 0, lines: [] });
    } else if (file !== undefined && hunk !== null) {
      const [before, after] = [Number(hunk[1]), Number(hunk[3])];
      place = {
        before,
        after,
        beforeEnd: before + Number(hunk[2] ?? 1),
        afterEnd: after + Number(hunk[4] ?? 1),
      };
      file.lines.push(about("hunk", line));
    } else if (file !== undefined && /^(?:new file|deleted file|rename|Binary)/.test(line)) {
      file.lines.push(about("about", line));
    }
  }
  return { files, cut: all.length > DIFF_LINES_MAX };
}

/** Moves the place on. Undefined for git's remark about a missing line end. */
function hunkLine(line: string, place: Place): DiffLine | undefined {
  const text = line.slice(1);
  if (line.startsWith("\\")) return undefined;
  if (line.startsWith("+")) return { kind: "added", before: undefined, after: place.after++, text };
  if (line.startsWith("-")) {
    return { kind: "removed", before: place.before++, after: undefined, text };
  }
  return { kind: "same", before: place.before++, after: place.after++, text };
}

function about(kind: "hunk" | "about", text: string): DiffLine {
  return { kind, before: undefined, after: undefined, text };
}

function pathOf(line: string): string {
  const rest = line.slice("diff --git ".length);
  const at = rest.lastIndexOf(" b/");
  return at === -1 ? rest : rest.slice(at + 3);
}
