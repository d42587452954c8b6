import type { Affected, Change } from "./affected.ts";
import type { PreparedRepository } from "./change-set.ts";
import type { Dirspace } from "./dirspace.ts";
import type { Twins } from "./twins.ts";

/** A change that was looked at, and what came out. */
export interface Looked {
  readonly prepared: PreparedRepository;
  readonly changes: readonly Change[];
  readonly affected: readonly Affected[];
  /** Directories that are not told apart and that the change touches, so that nothing is affected. */
  readonly stoppedBy?: readonly Twins[];
}

/** Why a directory, dirspace or file is part of a change, or is not. */
export interface Why {
  readonly affected: boolean;
  /** Never empty; what decides comes first. */
  readonly reasons: readonly WhyReason[];
}

export type WhyReason =
  /** The configuration says `enabled: false`. */
  | { readonly kind: "disabled" }
  | {
      readonly kind: "affected";
      readonly dirspace: Dirspace;
      readonly because: Affected["because"];
    }
  /** It is affected, and a push does not plan it. */
  | { readonly kind: "not_autoplanned"; readonly dirspace: Dirspace }
  /** Nothing of that name is in the tree or in the change. */
  | { readonly kind: "no_such_path"; readonly path: string; readonly similar: readonly string[] }
  /** The change takes the last file of it. */
  | { readonly kind: "deleted"; readonly dirspace: Dirspace }
  /** It holds directories and no files. */
  | { readonly kind: "only_directories"; readonly dir: string }
  /** Its name cannot go into paths and command lines. */
  | { readonly kind: "unusable_name"; readonly message: string }
  /** Some machines do not tell them apart; `stops` where the change touches one of them. */
  | { readonly kind: "same_directory"; readonly directories: Twins; readonly stops: boolean }
  /** Others call its code, so it is planned with them. */
  | { readonly kind: "module"; readonly dir: string; readonly callers: readonly string[] }
  /** No key of `dirs` takes it, and the global patterns match none of its files. */
  | { readonly kind: "no_key"; readonly dir: string; readonly patterns: readonly string[] }
  /** `file_patterns: []`; `by` is the setting that says so. */
  | { readonly kind: "no_patterns"; readonly dir: string; readonly by: string }
  | {
      readonly kind: "no_workspace";
      readonly dir: string;
      readonly workspace: string;
      readonly workspaces: readonly string[];
    }
  /** A glob takes it by name, and no file of the tree matches its patterns. */
  | {
      readonly kind: "no_files";
      readonly dir: string;
      readonly key: string;
      readonly patterns: readonly string[];
    }
  /** Which key of `dirs` counts, and which others would have taken it. */
  | {
      readonly kind: "key";
      readonly dir: string;
      readonly key: string;
      readonly explicit: boolean;
      readonly insteadOf: readonly string[];
    }
  /** The dirspace exists, and no changed file matches its patterns. */
  | {
      readonly kind: "unmatched";
      readonly dirspace: Dirspace;
      readonly patterns: readonly string[];
      readonly changed: number;
    }
  /** One pattern takes the file, and a negative one takes it out again. */
  | {
      readonly kind: "excluded";
      readonly dirspace: Dirspace;
      readonly path: string;
      readonly pattern: string;
      readonly by: string;
    }
  /** A changed file that is close, and a pattern that would have matched it. */
  | {
      readonly kind: "near_miss";
      readonly dirspace: Dirspace;
      readonly path: string;
      readonly pattern: string;
    }
  /** None of what it depends on is affected. */
  | {
      readonly kind: "waits_for_unchanged";
      readonly dirspace: Dirspace;
      readonly query: string;
      readonly count: number;
    }
  /** What it depends on changes, and `prune_on_no_change` leaves it out because it does not itself. */
  | { readonly kind: "pruned"; readonly dirspace: Dirspace; readonly by: Dirspace }
  /** Dirspaces whose patterns match the file. */
  | { readonly kind: "file_of"; readonly path: string; readonly dirspaces: readonly Dirspace[] }
  | { readonly kind: "file_unmatched"; readonly path: string }
  | { readonly kind: "file_unchanged"; readonly path: string };
