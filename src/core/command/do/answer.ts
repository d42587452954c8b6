import type { Instant } from "../../../base/brand.ts";
import type { Need } from "../../draft.ts";
import type { Account, CommitSha } from "../../ids.ts";
import type { Notice } from "../../notice.ts";
import type { Reason } from "../../reason.ts";

/** A command as it reached us, by comment or by another door. */
export interface Given {
  readonly text: string;
  readonly actor: Account;
  readonly commentId: string | undefined;
  /** One more first word that counts. */
  readonly word?: string | undefined;
  /** When the comment was written, by the clock of the VCS. */
  readonly writtenAt?: Instant | undefined;
  /** The commit whose check has the button that was pressed. */
  readonly pressedOn?: CommitSha;
}

/** What a command came to; the answer people see. */
export type Answered =
  | Need
  | {
      readonly kind: "answered";
      /** `silent`: marked as heard, and nothing is shown that would take the news away. */
      readonly outcome: Notice["outcome"] | "silent";
      readonly reasons: readonly Reason[];
    };

export function refuse(...reasons: readonly Reason[]): Extract<Answered, { kind: "answered" }> {
  return { kind: "answered", outcome: "refused", reasons };
}
