import { homedir } from "node:os";
import { join } from "node:path";

/** Where a server keeps its data when nothing is said. Root's home is closed to the database's account. */
export function defaultDataDir(env: Readonly<Record<string, string | undefined>>): string {
  const named = env["TERRANE_DATA_DIR"];
  if (named !== undefined && named !== "") return named;
  if (process.getuid?.() === 0) return "/var/lib/terrane";
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "terrane");
}
