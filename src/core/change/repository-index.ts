/**
 * What the code of a commit refers to, found by reading it where it is: in the runner or in a
 * checkout. Plain data, so that it can travel and be stored; paths are relative to the root, and
 * as the code has them, that is before symbolic links are followed.
 */
export interface RepositoryIndex {
  /** Those that refer to something, sorted by directory. */
  readonly directories: readonly IndexedDirectory[];
  readonly symlinks: readonly Symlink[];
  /** Files that could not be read, and why; what they refer to is not known. */
  readonly problems: readonly IndexProblem[];
}

export interface IndexedDirectory {
  readonly dir: string;
  /** Each once; only what lies in the repository. */
  readonly references: readonly Reference[];
}

export type Reference =
  /** A module of this repository, by its directory. */
  | { readonly kind: "module"; readonly dir: string }
  /** A file that is read or included by its literal path; `by` is the file that says so. */
  | { readonly kind: "file"; readonly path: string; readonly by: string }
  /** The files below a directory that a glob matches. */
  | { readonly kind: "files"; readonly dir: string; readonly pattern: string; readonly by: string }
  /** A file relative to whatever directory is planned, also where a module says so. */
  | { readonly kind: "root_file"; readonly path: string; readonly by: string }
  /** Another root whose outputs are used: it comes first. */
  | { readonly kind: "dependency"; readonly dir: string };

/** A link to a file or a directory of the repository. */
export interface Symlink {
  readonly path: string;
  readonly target: string;
}

export interface IndexProblem {
  readonly path: string;
  readonly message: string;
}
