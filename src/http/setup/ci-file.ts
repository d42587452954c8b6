import type { FileRead } from "../../ports/vcs.ts";
import type { CiFileGuide } from "./guide.ts";

/** The file on the default branch that says how our jobs run. */
export type CiFileState =
  | { readonly kind: "missing" }
  /** As it is shipped, or with all that it needs. */
  | { readonly kind: "good"; readonly path: string; readonly own: boolean }
  | { readonly kind: "existing_runner"; readonly path: string }
  | { readonly kind: "unreadable"; readonly path: string; readonly message: string }
  | { readonly kind: "lacks"; readonly path: string; readonly lacks: readonly string[] };

/** The first of them counts that is there: it is the one that is started. */
export function ciFileState(guide: CiFileGuide, read: readonly FileRead[]): CiFileState {
  const found = guide.paths.flatMap((path) => read.find((one) => one.path === path) ?? [])[0];
  if (found === undefined) return { kind: "missing" };
  const { path } = found;
  if (found.kind === "unreadable") return { kind: "unreadable", path, message: found.message };
  if (found.text === guide.text) return { kind: "good", path, own: false };
  if (found.text.includes(guide.existing)) return { kind: "existing_runner", path };
  const code = withoutComments(found.text);
  const lacks = guide.needs.filter(({ has }) => !code.includes(has)).map(({ why }) => why);
  return lacks.length === 0 ? { kind: "good", path, own: true } : { kind: "lacks", path, lacks };
}

/** What is commented out is not there. */
function withoutComments(text: string): string {
  return text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .join("\n");
}
