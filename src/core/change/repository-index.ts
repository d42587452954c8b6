/**
 * What the code of a commit refers to, found by reading it where it is: in the runner or in a
 * checkout. Plain data, so that it can travel and be stored; paths are relative to the root.
 */
export interface RepositoryIndex {
  /** Those that refer to something, sorted by directory. */
  readonly directories: readonly IndexedDirectory[];
  readonly symlinks: readonly Symlink[];
}

export interface IndexedDirectory {
  readonly dir: string;
  /** Sorted, each once; only what lies in the repository. */
  readonly references: readonly Reference[];
  /** Files that could not be read as HCL, and why; what they refer to is not known. */
  readonly problems: readonly string[];
}

export type Reference =
  /** A module of this repository, by its directory. */
  | { readonly kind: "module"; readonly dir: string }
  /** A file that is read or included by its literal path. */
  | { readonly kind: "file"; readonly path: string }
  /** Another root whose outputs are used: it comes first. */
  | { readonly kind: "dependency"; readonly dir: string };

/** A link to a file or a directory. */
export interface Symlink {
  readonly path: string;
  readonly target: string;
}
