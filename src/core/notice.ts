import type { Instant } from "../base/brand.ts";
import type { Reason } from "./reason.ts";

/** The answer to the last command, or to the last automatic step that was refused; shown in the comment until the next one. */
export interface Notice {
  readonly at: Instant;
  /** The command as typed; undefined for automatic steps. */
  readonly command: string | undefined;
  readonly actor: string | undefined;
  readonly outcome: "accepted" | "refused" | "information";
  readonly reasons: readonly Reason[];
}
