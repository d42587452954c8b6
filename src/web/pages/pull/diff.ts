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

/** Reads git's unified diff. The counts in a hunk's head say where it ends, so a removed line "-- a" is no file name. */
export function filesOf(diff: string): { readonly files: readonly FileDiff[]; readonly cut: boolean } {
  const all = diff.split("\n", DIFF_LINES_MAX + 1);
  const files: { path: string; added: number; removed: number; lines: DiffLine[] }[] = [];
  let before = 0;
  let after = 0;
  let left = { before: 0, after: 0 };
  for (const line of all.slice(0, DIFF_LINES_MAX)) {
    const file = files.at(-1);
    if (file !== undefined && (left.before > 0 || left.after > 0)) {
      const mark = line[0];
      const text = line.slice(1);
      if (mark === "+") {
        file.added += 1;
        file.lines.push({ kind: "added", before: undefined, after, text });
        after += 1;
        left = { ...left, after: left.after - 1 };
      } else if (mark === "-") {
        file.removed += 1;
        file.lines.push({ kind: "removed", before, after: undefined, text });
        before += 1;
        left = { ...left, before: left.before - 1 };
      } else if (mark !== "\\") {
        file.lines.push({ kind: "same", before, after, text });
        before += 1;
        after += 1;
        left = { before: left.before - 1, after: left.after - 1 };
      }
      continue;
    }
    const hunk = HUNK.exec(line);
    if (line.startsWith("diff --git ")) {
      files.push({ path: pathOf(line), added: 0, removed: 0, lines: [] });
    } else if (file !== undefined && hunk !== null) {
      before = Number(hunk[1]);
      after = Number(hunk[3]);
      left = { before: Number(hunk[2] ?? 1), after: Number(hunk[4] ?? 1) };
      file.lines.push({ kind: "hunk", before: undefined, after: undefined, text: line });
    } else if (file !== undefined && /^(?:new file|deleted file|rename|Binary)/.test(line)) {
      file.lines.push({ kind: "about", before: undefined, after: undefined, text: line });
    }
  }
  return { files, cut: all.length > DIFF_LINES_MAX };
}

function pathOf(line: string): string {
  const rest = line.slice("diff --git ".length);
  const at = rest.lastIndexOf(" b/");
  return at === -1 ? rest : rest.slice(at + 3);
}
