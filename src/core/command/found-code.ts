import type { Reference, RepositoryIndex } from "../change/repository-index.ts";
import type { CommitSha } from "../ids.ts";

/** What a job found the code of a commit to refer to, as far as a comment can say it. */
export interface FoundCode {
  readonly head: CommitSha;
  /** Directories that refer to something, and what each refers to. */
  readonly referring: readonly { readonly dir: string; readonly to: readonly string[] }[];
  readonly referringOmitted: number;
  /** Symbolic links inside the repository. */
  readonly links: number;
  /** Files that could not be read: what they refer to is not known. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  readonly problemsOmitted: number;
}

/** The reason is kept for ever, so it is small whatever the code holds. */
const DIRS_MAX = 10;
const TO_MAX = 5;
const PROBLEMS_MAX = 3;

export function foundCode(
  head: CommitSha,
  { directories, symlinks, problems }: RepositoryIndex,
): FoundCode {
  const referring = directories.slice(0, DIRS_MAX).map(({ dir, references }) => ({
    dir,
    to: [...new Set(references.map(placeOf))].slice(0, TO_MAX),
  }));
  return {
    head,
    referring,
    referringOmitted: directories.length - referring.length,
    links: symlinks.length,
    problems: problems.slice(0, PROBLEMS_MAX).map(({ path, message }) => ({ path, message })),
    problemsOmitted: Math.max(problems.length - PROBLEMS_MAX, 0),
  };
}

function placeOf(reference: Reference): string {
  switch (reference.kind) {
    case "module":
    case "dependency":
      return reference.dir;
    case "file":
    case "root_file":
      return reference.path;
    case "files":
      return `${reference.dir}/${reference.pattern}`;
  }
}
