import type { Gate } from "../../contract/step.ts";
import type { Failure, UnitResult, WorkDirspace } from "../../contract/work.ts";
import type { Affected } from "../../core/change/affected.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { RunSettings } from "../../core/run/settings.ts";

/** The checkout that is worked on. */
export interface LocalPlace {
  /** Absolute. */
  readonly root: string;
  readonly repository: string;
  /** What the working tree is based on. */
  readonly commit: string;
  readonly branch: string;
  readonly destBranch: string;
}

export interface LocalUnit {
  readonly key: DirspaceKey;
  readonly affected: Affected;
  /** Others of the same work that come first. */
  readonly after: readonly DirspaceKey[];
  /** For an apply: the plan that was shown. */
  readonly planDigest: string | undefined;
}

export interface LocalWork {
  readonly kind: "plan" | "apply";
  readonly units: readonly LocalUnit[];
  readonly settings: RunSettings;
  /** How many at once. */
  readonly parallel: number;
}

export interface LocalWatch {
  readonly said: (unit: WorkDirspace, text: string) => void;
  readonly ended: (unit: WorkDirspace, result: UnitResult, durationMs: number) => void;
  readonly log: (line: string) => void;
}

export interface LocalEnd {
  /** What kept the work as a whole from its end, or the hook after it that did not work. */
  readonly failure: Failure | undefined;
  /** Approvals that the hooks after it ask for; undefined where one of them could not say. */
  readonly gates: readonly Gate[] | undefined;
}

/** The runner on this machine. What it plans it keeps until it is closed, and for nobody else. */
export interface LocalRunner {
  readonly run: (work: LocalWork, watch: LocalWatch) => Promise<LocalEnd>;
  readonly close: () => Promise<void>;
}
