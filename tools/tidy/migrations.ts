import { createHash } from "node:crypto";
import type { TreeFile } from "./tree-file.ts";

/** File name → SHA-256 of its text, for every migration that a released version brought along. */
export type Released = Readonly<Record<string, string>>;

/** A database somewhere ran the released text; a change to it would never reach that database. */
export function changedMigrations(
  files: readonly TreeFile[],
  released: Released,
): readonly string[] {
  const byName = new Map(
    files
      .filter((file) => file.path.startsWith("migrations/") && file.path.endsWith(".sql"))
      .map((file) => [file.path.slice("migrations/".length), file.text]),
  );
  const changed = Object.entries(released).flatMap(([name, hash]) => {
    const text = byName.get(name);
    if (text === undefined) return [`migrations/${name}: was released and is gone`];
    if (sha256(text) === hash) return [];
    return [`migrations/${name}: was released and changed; write the next one`];
  });
  return [...changed, ...misnumbered([...byName.keys()])];
}

function misnumbered(names: readonly string[]): readonly string[] {
  return names.toSorted().flatMap((name, at) => {
    const expected = String(at + 1).padStart(4, "0");
    if (name.startsWith(`${expected}_`)) return [];
    return [`migrations/${name}: expected number ${expected}; numbers have no gaps and no twins`];
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
