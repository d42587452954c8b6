const LINES_MAX = 2_000;
const CONTEXT = 2;

/** What turns one text into the other, as lines with ` `, `-` or `+` before them; what stays the same is cut short. */
export function lineDiff(before: string, after: string): string {
  const [old, next] = [linesOf(before), linesOf(after)];
  if (old.length > LINES_MAX || next.length > LINES_MAX) {
    return `- ${old.length} lines\n+ ${next.length} lines`;
  }
  return shortened(changes(old, next)).join("\n");
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n");
}

/** Over the longest common subsequence: `common[i][j]` is its length from these lines on. */
function changes(old: readonly string[], next: readonly string[]): readonly string[] {
  const common = Array.from({ length: old.length + 1 }, () => new Uint16Array(next.length + 1));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row === undefined) continue;
      row[j] = old[i] === next[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      lines.push(` ${old[i++]}`);
      j++;
    } else if (i < old.length && (j === next.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`-${old[i++]}`);
    } else {
      lines.push(`+${next[j++]}`);
    }
  }
  return lines;
}

function shortened(lines: readonly string[]): readonly string[] {
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => !line.startsWith(" "));
  const shown: string[] = [];
  let hidden = 0;
  for (const [at, line] of lines.entries()) {
    if (!isNear(at)) {
      hidden++;
      continue;
    }
    if (hidden > 0) shown.push(`  (${hidden} lines that stay)`);
    hidden = 0;
    shown.push(line);
  }
  if (hidden > 0) shown.push(`  (${hidden} lines that stay)`);
  return shown;
}
