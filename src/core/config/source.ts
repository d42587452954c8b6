/** Where configuration comes from. What they are for: docs/reference/configuration-sources.md. */
export type SourceName =
  /** What the operator of the server sets for every repository. */
  | "system"
  | "central_defaults"
  | "central_repo_defaults"
  /** What the config builder printed. */
  | "built"
  /** The repository's own file, as the change has it. */
  | "repository"
  /** The same file on the default branch. */
  | "default_branch"
  | "central_overrides"
  | "central_repo_overrides"
  /** A file of the central repository that stands in for the repository's own. */
  | "central_config";

/** What the output of the config builder is called where something is said of it. */
export const BUILT_FILE = "built by config_builder";

/** One file of configuration that was found. */
export interface ConfigSource {
  readonly source: SourceName;
  /** As people should read it; unique among the sources of one configuration. */
  readonly file: string;
  readonly text: string;
}

/** From the lowest to the highest: what a later one says wins. */
const FEATURE: readonly SourceName[] = [
  "system",
  "central_defaults",
  "central_repo_defaults",
  "built",
  "repository",
  "central_overrides",
  "central_repo_overrides",
];

/** The builder runs on a change, so nothing it prints can guard applies. */
const DEFAULT_BRANCH: readonly SourceName[] = [
  "system",
  "central_defaults",
  "central_repo_defaults",
  "default_branch",
  "central_overrides",
  "central_repo_overrides",
];

/** Whoever may write that file already decides everything: there is nothing to override or to guard. */
const REPLACED: readonly SourceName[] = ["system", "central_defaults", "built", "central_config"];

/** The sources that count, each side from the lowest to the highest. */
export interface Sides<Source> {
  readonly feature: readonly Source[];
  /** Absent where nothing has to be taken from the default branch. */
  readonly defaultBranch: readonly Source[] | undefined;
}

export function sidesOf<Source extends { readonly source: SourceName }>(
  sources: readonly Source[],
  guarded: boolean,
): Sides<Source> {
  const inOrder = (names: readonly SourceName[]): readonly Source[] =>
    names.flatMap((name) => sources.filter(({ source }) => source === name));
  if (sources.some(({ source }) => source === "central_config")) {
    return { feature: inOrder(REPLACED), defaultBranch: undefined };
  }
  return {
    feature: inOrder(FEATURE),
    defaultBranch: guarded ? inOrder(DEFAULT_BRANCH) : undefined,
  };
}
