import type { Config } from "../config/config.ts";
import { pathSegments } from "../query/path.ts";
import { ROOT_DIR } from "./dirspace.ts";
import { globMatches, isGlob, parseGlob, unescapeGlob } from "./glob.ts";

/** A key of `dirs` that could configure a directory. */
export interface Contender {
  /** Position in `config.dirs`. */
  readonly index: number;
  readonly key: string;
  readonly explicit: boolean;
}

/**
 * Every key of `dirs` that takes a directory, the one that counts first: what names it, what names
 * a file in it, then the longest glob. For one directory that somebody asks about; whole trees are
 * matched with an index.
 */
export function keyContest(
  config: Config,
  dir: string,
  files: readonly string[],
): readonly Contender[] {
  const contenders = config.dirs.flatMap(({ key }, index) => {
    const rank = isGlob(key) ? rankOfGlob(key, dir, files) : rankOfName(key, dir, files);
    return rank === undefined ? [] : [{ index, key, explicit: !isGlob(key), rank }];
  });
  return contenders
    .sort((a, b) => a.rank - b.rank || length(b) - length(a) || a.index - b.index)
    .map(({ index, key, explicit }) => ({ index, key, explicit }));
}

function rankOfName(key: string, dir: string, files: readonly string[]): number | undefined {
  const path = withoutDots(unescapeGlob(key));
  if (path === dir) return 0;
  return files.includes(path) ? 1 : undefined;
}

function rankOfGlob(key: string, dir: string, files: readonly string[]): number | undefined {
  const parsed = parseGlob(withoutDots(key));
  if (parsed.kind === "error") return undefined;
  const { glob } = parsed;
  const named = dir !== ROOT_DIR && globMatches(glob, dir);
  return named || files.some((file) => globMatches(glob, file)) ? 2 : undefined;
}

/** Only of globs: of two that name the same place the first counts. */
function length({ key, explicit }: Contender): number {
  return explicit ? 0 : Array.from(key).length;
}

function withoutDots(path: string): string {
  const segments = pathSegments(path) ?? [];
  return segments.length === 0 ? ROOT_DIR : segments.join("/");
}
