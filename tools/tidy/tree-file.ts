/** A text file of the tree; the path is relative to the root, with "/". */
export type TreeFile = { readonly path: string; readonly text: string };

/** Places of all matches, as "path:line: text". The pattern must have the flag `g`. */
export function findAll(
  file: TreeFile,
  pattern: RegExp,
  say: (found: RegExpExecArray) => string,
): readonly string[] {
  return [...file.text.matchAll(pattern)].map((found) => {
    const line = file.text.slice(0, found.index).split("\n").length;
    return `${file.path}:${line}: ${say(found)}`;
  });
}
