import type { InstallationId, RepositoryId } from "../core/ids.ts";
import type { InstallationState, RepositoryState } from "../core/standing.ts";
import type { StoredRepository } from "./engine-store.ts";

/** What a webhook casts doubt on, by the VCS's own ids. */
export interface Doubt {
  readonly installation: string;
  /** Whether the installation itself may be another than it was. */
  readonly whole: boolean;
  readonly repositories: readonly string[];
}

/** An installation whose state has to be asked for. */
export interface DoubtedInstallation {
  readonly id: InstallationId;
  readonly vcs: string;
  readonly installation: string;
}

export interface Doubted {
  readonly installations: readonly DoubtedInstallation[];
  readonly repositories: readonly StoredRepository[];
}

/** What the VCS says of a repository. */
export type RepositoryStanding =
  | {
      readonly kind: "here";
      /** It may have moved to another one. */
      readonly installation: string;
      readonly fullName: string;
      readonly defaultBranch: string;
      readonly archived: boolean;
    }
  | { readonly kind: "gone" };

/** How we stand with installations and repositories. A doubt is kept until somebody has looked. */
export interface StandingStore {
  /** S20: returns only when it is committed. `no_target`: it is about nothing that we know; kept as ignored. */
  intakeDoubt(
    vcs: string,
    deliveryId: string,
    doubt: Doubt,
  ): Promise<"stored" | "duplicate" | "no_target">;
  /** The VCS would not hear of the repository; at most one look in a few minutes follows from that. */
  doubtRepository(repository: RepositoryId): Promise<void>;
  /** Takes what is doubted, and from time to time what is not served, for a look. */
  takeDoubted(limit: number): Promise<Doubted>;
  /** Keeps what was found; where it is another than before, every pull request that it concerns is told. */
  keepInstallation(installation: InstallationId, state: InstallationState): Promise<boolean>;
  keepRepository(repository: RepositoryId, standing: RepositoryStanding): Promise<boolean>;
}

export function stateOf(standing: RepositoryStanding): RepositoryState {
  if (standing.kind === "gone") return "removed";
  return standing.archived ? "archived" : "served";
}
