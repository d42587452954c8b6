import type { Instant } from "../base/brand.ts";

/** What we are installed on. */
export type InstallationState = "active" | "suspended" | "removed";

/** A repository, as far as its installation is active: `removed` is out of our reach, deleted or not. */
export type RepositoryState = "served" | "archived" | "removed";

/** Why nothing can be done in a repository, until that is over. */
export interface Unserved {
  readonly because: "uninstalled" | "suspended" | "archived" | "taken_away";
  readonly since: Instant;
}

/** For the log, and for what ended because of it. */
export function unservedText({ because }: Pick<Unserved, "because">): string {
  switch (because) {
    case "uninstalled":
      return "the installation was removed";
    case "suspended":
      return "the installation is suspended";
    case "archived":
      return "the repository is archived";
    case "taken_away":
      return "the repository was deleted, or the installation covers it no more";
  }
}

/** Hint of an event that says only that this has changed. */
export const STANDING_HINT = "standing";
