import type { Question } from "../fact.ts";
import type { Reason } from "../reason.ts";

/** What one requirement came to: what it still has to know, and what speaks against the apply. */
export interface Judged {
  readonly questions: readonly Question[];
  readonly refusals: readonly Reason[];
}
