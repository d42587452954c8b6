import type { Decision } from "../../../../src/core/decision.ts";
import type { AttemptId } from "../../../../src/core/ids.ts";
import type { Snapshot } from "../../../../src/core/snapshot.ts";
import type { Turn } from "../../../../src/ports/engine-store.ts";
import type { ApplyGhost, GrantGhost } from "../ghost.ts";
import type { World } from "../world.ts";

/** A decision as it is about to be stored. */
export interface Decided {
  readonly turn: Turn;
  readonly snapshot: Snapshot;
  readonly decision: Decision;
}

/** A CI job that is about to be started, and since when whoever starts it has been at it. */
export interface Started {
  readonly attempt: AttemptId;
  readonly askedAt: number;
}

interface Named {
  /** As in the numbered list that tests and ARCHITECTURE.md use. */
  readonly id: string;
  /** What it says, in one sentence. */
  readonly says: string;
}

/** A rule about the world as it is; `check` gives what is wrong, or nothing. It changes nothing. */
export type Invariant = Named &
  (
    | { readonly when: "step"; readonly check: (world: World) => string | undefined }
    /** A server gave a permission to apply. `at`: its place among all of them. */
    | {
        readonly when: "grant";
        readonly check: (world: World, grant: GrantGhost, at: number) => string | undefined;
      }
    /** A tool began to change infrastructure. */
    | {
        readonly when: "begin";
        readonly check: (world: World, apply: ApplyGhost, at: number) => string | undefined;
      }
    | {
        readonly when: "decision";
        readonly check: (world: World, decided: Decided) => string | undefined;
      }
    /** A CI job is about to be started. */
    | {
        readonly when: "start";
        readonly check: (world: World, started: Started) => string | undefined;
      }
    /** Faults have stopped, and time enough has gone by. */
    | {
        readonly when: "end";
        readonly check: (world: World) => string | undefined | Promise<string | undefined>;
      }
  );

export type Of<When extends Invariant["when"]> = Extract<Invariant, { when: When }>;
