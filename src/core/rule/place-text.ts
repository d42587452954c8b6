import type { RulePlace } from "./rule-place.ts";

/** `.terrane/config.yml:12 (on main)`, or the key and `default` where nobody wrote it. In one line whatever the file is called. */
export function placeText({ path, file, line }: RulePlace): string {
  if (file === undefined) return `${path} (default)`;
  const branch = / \(on [^()]*\)$/.exec(file)?.[0] ?? "";
  const name = file.slice(0, file.length - branch.length);
  return `${name}:${line ?? 1}${branch}`.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ");
}
