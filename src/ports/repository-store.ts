import type { RepositoryId } from "../core/ids.ts";
import type { RepositoryRef } from "./vcs.ts";

/** Repositories are known from their first event on; one that is made here is known at once. */
export interface RepositoryStore {
  keepRepository(vcs: string, ref: RepositoryRef, defaultBranch: string): Promise<RepositoryId>;
}
