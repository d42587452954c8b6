import type { Origins } from "../config/origins.ts";
import { formatPath, type Path } from "../config/places.ts";

/** Where a rule of the configuration stands: enough to open it, and small enough to be kept for ever. */
export interface RulePlace {
  /** As in `access_control.policies[2].apply`. */
  readonly path: string;
  /** As people read it, `.terrane/config.yml (on main)`; absent where nobody wrote it, so that the default holds. */
  readonly file?: string;
  readonly line?: number;
}

/** A reason names this many places; a rule that many dirspaces share is one place. */
const PLACES_MAX = 5;

/** The place of the value at the path, or of the closest thing around it that somebody wrote. */
export function placeOf(origins: Origins, path: Path): RulePlace {
  for (let length = path.length; length > 0; length--) {
    const written = path.slice(0, length);
    if (origins.of(written).source === "default") continue;
    // The line of the key is the one that people look for: a mapping itself begins below it.
    const { file, line } = origins.near(written, "key");
    return { path: formatPath(path), file, line };
  }
  return { path: formatPath(path) };
}

/** Each place once, in the order given. */
export function placesOf(origins: Origins, paths: readonly Path[]): readonly RulePlace[] {
  const places = new Map<string, RulePlace>();
  for (const path of paths) {
    if (places.size === PLACES_MAX) break;
    const place = placeOf(origins, path);
    places.set(`${place.file ?? ""}:${place.line ?? 0}:${place.path}`, place);
  }
  return [...places.values()];
}
