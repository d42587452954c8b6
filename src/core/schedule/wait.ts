import type { DirspaceKey } from "../change/dirspace.ts";
import type { RunId } from "../ids.ts";
import type { ReachedCap } from "./caps.ts";

/** Why the job of a run has not been started yet. */
export interface JobWait {
  /** Among the waiting jobs of its repository, the most urgent first; counted up to a thousand. */
  readonly position: number;
  /** How many jobs of the repository run now. */
  readonly running: number;
  /** Every cap that has no place left: each has to have one before the job starts. Empty where it is only not its turn yet. */
  readonly caps: readonly ReachedCap[];
  /** The pull request whose apply has one of its dirspaces; undefined where it waits for a free job. */
  readonly applyOf: number | undefined;
}

/** Whose CI job it is about. */
export interface JobAbout {
  readonly runId: RunId;
  readonly number: number;
  readonly kind: "plan" | "apply";
  readonly dirspaces: readonly DirspaceKey[];
}
