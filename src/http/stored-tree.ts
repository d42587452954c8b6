import type { BuiltTree as Travelling } from "../contract/built-tree.ts";
import type { BuiltTree } from "../core/build/built-tree.ts";

/** A list of files as it is kept. */
export function storedTree({ files, removed }: Travelling): BuiltTree {
  return {
    files: files.map(({ path, changed }) => ({
      path: storable(path),
      ...(changed === undefined ? {} : { changed }),
    })),
    ...(removed === undefined ? {} : { removed: removed.map(storable) }),
  };
}

/** Without what no database takes; the parser then refuses it as it would in a file. */
export function storable(text: string): string {
  return text.replaceAll("\0", "\ufffd").toWellFormed();
}
