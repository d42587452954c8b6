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

/**
 * The command inside a sentence such as "Ask for an approval, then comment `terrane apply`", if there is exactly
 * one way to read it.
 */
export function commandIn(next: string): string | undefined {
  const quoted = /`((?:terrane|terrateam) [^`\n]+)`/.exec(next)?.[1];
  if (quoted !== undefined) return quoted;
  return /^(?:terrane|terrateam) [^\n]+$/.exec(next.trim())?.[0];
}
