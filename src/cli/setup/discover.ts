import type { RepositoryIndex } from "../../contract/repository-index.ts";

export interface Discovered {
  /** Directories that are planned by themselves, sorted. */
  readonly roots: readonly string[];
  readonly engine: "terraform" | "tofu" | "terragrunt";
}

const CODE = /\.(?:tf|tofu)(?:\.json)?$/;
const UNIT = "terragrunt.hcl";
const LISTED_MAX = 50;

/** What a repository holds: directories with code that no other one calls as a module. */
export function discover(files: readonly string[], index: RepositoryIndex): Discovered {
  const called = new Set(
    index.directories.flatMap(({ references }) =>
      references.flatMap((one) => (one.kind === "module" ? [one.dir] : [])),
    ),
  );
  const units = files.filter((path) => nameOf(path) === UNIT && path !== UNIT).map(dirOf);
  const code = files.filter((path) => CODE.test(path)).map(dirOf);
  const found = units.length > 0 ? units : code.filter((dir) => !called.has(dir));
  const tofu = files.some((path) => /\.tofu$|(?:^|\/)\.opentofu-version$/.test(path));
  const engine = units.length > 0 ? "terragrunt" : tofu ? "tofu" : "terraform";
  return { roots: [...new Set(found)].toSorted(), engine };
}

/** A configuration to begin with: it says what is found and changes nothing of how it is found. */
export function starterConfig({ roots, engine }: Discovered): string {
  const listed = roots.slice(0, LISTED_MAX).map((dir) => `#   ${shown(dir)}`);
  const more = roots.length - listed.length;
  const found =
    roots.length === 0
      ? ["# No directory with code was found yet; it is found when there is one."]
      : [
          "# Found without a word of configuration:",
          ...listed,
          ...(more > 0 ? [`#   and ${more} more`] : []),
        ];
  return [
    "# The configuration of Terrane. `terrane affected` says what a change touches, and why.",
    ...found,
    "",
    "# Reads which modules and files a directory uses, so that their changes touch it too.",
    "indexer:",
    "  enabled: true",
    ...(engine === "terraform" ? [] : ["engine:", `  name: ${engine}`]),
    "",
  ].join("\n");
}

/** A name of somebody else inside a comment: it cannot end the line. */
function shown(dir: string): string {
  return JSON.stringify(dir).slice(1, -1);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function dirOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}
