import type { Instant } from "../base/brand.ts";
import type { Run, RunOutcome } from "../core/run/run.ts";
import type { CommentView, DirspaceReport } from "./view.ts";

/** What a comment about an ended run says. Lists come in any order. */
export interface ResultView extends Pick<CommentView, "number" | "dashboardUrl"> {
  readonly run: {
    readonly number: number;
    readonly kind: Run["kind"];
    readonly outcome: RunOutcome;
    readonly headSha: string;
    readonly endedAt: Instant;
  };
  /** It begins with a table. */
  readonly summary: boolean;
  readonly own: readonly ResultReport[];
  /** What earlier runs found out and what still holds. */
  readonly carried: readonly ResultReport[];
}

/** A dirspace as one run left it. */
export interface ResultReport extends DirspaceReport {
  readonly run: number;
  /** Why the run did nothing there; the rest is as it was before. */
  readonly notStarted: string | undefined;
}
