/** As long as git shows it. */
export function shortSha(sha: string): string {
  return sha.slice(0, 8);
}

/** `dir:workspace`; a directory may hold colons, a workspace may not. */
export function splitKey(key: string): { readonly dir: string; readonly workspace: string } {
  const colon = key.lastIndexOf(":");
  return colon === -1
    ? { dir: key, workspace: "default" }
    : { dir: key.slice(0, colon), workspace: key.slice(colon + 1) };
}

/** The commands inside a sentence such as "Ask for an approval, then comment `terrane apply`". */
export function commandsIn(next: string): readonly string[] {
  const quoted = [...next.matchAll(/`((?:terrane|terrateam) [^`\n]+)`/g)].map((found) => found[1]);
  return [...new Set(quoted.filter((command) => command !== undefined))];
}
