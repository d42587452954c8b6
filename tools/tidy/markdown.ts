import type { TreeFile } from "./tree-file.ts";

/** A page has one title, so that tables of contents and search results can name it. */
export function oneTitle(file: TreeFile): readonly string[] {
  if (!file.path.endsWith(".md")) return [];
  let fence: string | undefined;
  let titles = 0;
  for (const line of file.text.split("\n")) {
    const mark = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) fence = mark;
    else if (fence !== undefined && mark?.startsWith(fence) === true) fence = undefined;
    else if (fence === undefined && /^# \S/.test(line)) titles += 1;
  }
  return titles === 1 ? [] : [`${file.path}: ${titles} first-level headings; one is the title`];
}
