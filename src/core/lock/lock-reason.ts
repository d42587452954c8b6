import type { DirspaceKey } from "../change/dirspace.ts";
import type { Permission } from "../pull-request.ts";

/** What is said of locks: who owns what, who waits behind whom, and what was let go. */
export type LockReason =
  | {
      readonly code: "locked";
      readonly locks: readonly {
        readonly dirspace: DirspaceKey;
        readonly by: number;
        readonly because: "applied" | "merged";
      }[];
    }
  /** Others wait for these already. */
  | {
      readonly code: "others_first";
      readonly waits: readonly { readonly dirspace: DirspaceKey; readonly by: number }[];
    }
  /** The apply has its place in the queue; `behind` are those who go first, whether they own or wait. */
  | {
      readonly code: "queued";
      readonly position: number;
      readonly of: number;
      readonly behind: readonly number[];
    }
  /** Nobody is in the way any more; what is not planned is planned again. */
  | {
      readonly code: "turn_began";
      readonly planned: readonly DirspaceKey[];
      readonly others: readonly DirspaceKey[];
    }
  | { readonly code: "turn_lapsed"; readonly behind: readonly number[] }
  | {
      readonly code: "wait_ended";
      readonly why: "applied" | "unlock" | "closed" | "nothing_left" | "lapsed";
    }
  | { readonly code: "nothing_to_unlock" }
  | { readonly code: "unlock_unknown"; readonly what: string }
  | { readonly code: "nothing_blocks" }
  /** Nothing but pull requests takes locks so far. */
  | { readonly code: "no_drift_locks" }
  | {
      readonly code: "force_unlock_usage";
      /** What was to be unlocked, as typed; reasons of older servers have none of these. */
      readonly what?: string;
      /** What may have been meant: a number or a directory. */
      readonly nearest?: string;
    }
  /** What was typed is neither the number of the pull request nor a dirspace of it. */
  | {
      readonly code: "force_unlock_unconfirmed";
      readonly what: string;
      readonly number: number;
      readonly dirspaces: readonly DirspaceKey[];
    }
  | {
      readonly code: "force_unlock_denied";
      readonly login: string;
      readonly has: Permission;
      /** Whom the default branch names, besides administrators. */
      readonly allowed: readonly string[];
      readonly branch: string;
      readonly unreadable: readonly string[];
    }
  /** Break-glass: these applies were given up without proof of their end (S3). */
  | {
      readonly code: "force_unlocked";
      readonly login: string;
      readonly why: string;
      readonly dirspaces: readonly DirspaceKey[];
    }
  | { readonly code: "unlock_forwarded"; readonly to: readonly number[] }
  | { readonly code: "locks_taken"; readonly dirspaces: readonly DirspaceKey[] }
  | {
      readonly code: "locks_released";
      readonly dirspaces: readonly DirspaceKey[];
      readonly why: "applied_and_merged" | "unlock" | "closed_untouched" | "nothing_changed";
    }
  | {
      readonly code: "locks_kept";
      readonly dirspaces: readonly DirspaceKey[];
      readonly why: "unapplied_after_merge" | "applied_not_merged" | "closed_after_apply";
    }
  | { readonly code: "unlock_waits"; readonly dirspaces: readonly DirspaceKey[] }
  | { readonly code: "unlocked"; readonly dirspaces: readonly DirspaceKey[] }
  /** The pull request that refused us a lock let it go. */
  | { readonly code: "lock_freed"; readonly by: number };
