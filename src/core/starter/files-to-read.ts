import { compareText } from "../change/dirspace.ts";
import { dirOf, isUnitFile, nameOf } from "./code-facts.ts";

export interface StarterLimits {
  /** Files that are read at most. */
  readonly filesMax: number;
  /** A longer one is left out. */
  readonly fileCharsMax: number;
  /** Of all together. */
  readonly charsMax: number;
}

/** As much as an App may ask for once without anybody noticing: 20 queries of 20 files. */
export const STARTER_LIMITS: StarterLimits = {
  filesMax: 400,
  fileCharsMax: 262_144,
  charsMax: 8_388_608,
};

const CODE = /\.(?:tf|tofu)(?:\.json)?$/;
/** Folders that hold what tools fetched or made. */
const SKIPPED = /(?:^|\/)(?:\.terraform|\.terragrunt-cache|node_modules)\//;

export function isCodeFile(path: string): boolean {
  return (CODE.test(path) || isUnitFile(path)) && !SKIPPED.test(path);
}

/** The files that say most about what a directory is come first. */
const TELLING = [
  /^terragrunt\.hcl/,
  /^(?:backend|terraform|_?versions?|providers?|main|root|cloud)\./,
  /(?:backend|provider|version|main|module)/,
];

/**
 * The files with code to read, the most telling ones first, and of every directory one before of any a second: so that
 * what has to be left out of a large repository is what matters least.
 */
export function filesToRead(
  paths: readonly string[],
  { filesMax }: Pick<StarterLimits, "filesMax">,
): { readonly read: readonly string[]; readonly all: number } {
  const code = paths.filter(isCodeFile);
  const seen = new Map<string, number>();
  const ranked = code.map((path) => ({ path, rank: rankOf(nameOf(path)) }));
  const ordered = ranked
    .toSorted((a, b) => a.rank - b.rank || compareText(a.path, b.path))
    .map(({ path, rank }) => {
      const dir = dirOf(path);
      const round = seen.get(dir) ?? 0;
      seen.set(dir, round + 1);
      return { path, rank, round };
    })
    .toSorted((a, b) => a.round - b.round || a.rank - b.rank || compareText(a.path, b.path));
  return { read: ordered.slice(0, filesMax).map(({ path }) => path), all: code.length };
}

function rankOf(name: string): number {
  const found = TELLING.findIndex((pattern) => pattern.test(name));
  return found < 0 ? TELLING.length : found;
}
