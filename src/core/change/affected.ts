import type { LockBranchTarget, WorkflowSettings } from "../config/config.ts";
import type { Path } from "../config/places.ts";
import type { FileChange } from "../pull-request.ts";
import type { RulePlace } from "../rule/rule-place.ts";
import type { Dirspace } from "./dirspace.ts";
import type { RepositoryIndex } from "./repository-index.ts";

export type Change = FileChange;

/** The files of a commit: relative POSIX paths, each once. */
export interface Tree {
  readonly files: readonly string[];
  /** What its code refers to, where somebody read it; it counts with `indexer.enabled`. */
  readonly index?: RepositoryIndex;
}

/** The branches of the pull request; they give the `branch:` and `dest_branch:` tags. */
export interface Branches {
  readonly branch: string;
  readonly destBranch: string;
}

/** A dirspace that a change touches, and everything that planning and applying it needs. */
export interface Affected {
  readonly dirspace: Dirspace;
  /** Sorted, each once, the automatic ones included. */
  readonly tags: readonly string[];
  readonly workflow: ResolvedWorkflow;
  readonly autoplan: boolean;
  readonly autoplanDraft: boolean;
  readonly autoapply: boolean;
  readonly createAndSelectWorkspace: boolean;
  readonly lockBranchTarget: LockBranchTarget;
  /** Never empty. */
  readonly because: readonly Because[];
  /** The affected dirspaces that must be applied or unchanged first, nearest only; sorted. */
  readonly predecessors: readonly Dirspace[];
  /** 0 has no predecessor; otherwise one more than the highest of its predecessors. */
  readonly wave: number;
  readonly stack: ResolvedStack;
  /** Where the rules stand that made it so; of changes that a server decided about. */
  readonly rules?: AffectedRules;
}

/** Places in the configuration; what nobody wrote has none. */
export interface AffectedRules {
  /** The entry of `dirs`. */
  readonly dir?: RulePlace;
  /** The pattern that took the first of the changed files, or the list it is in. */
  readonly pattern?: RulePlace;
  /** Each where it does not say what it would say by itself. */
  readonly autoplan?: RulePlace;
  readonly autoplanDraft?: RulePlace;
  readonly autoapply?: RulePlace;
  readonly lockPolicy?: RulePlace;
  readonly dependsOn?: RulePlace;
  /** The `tag_query` of the entry of `workflows`. */
  readonly workflow?: RulePlace;
  readonly stack?: RulePlace;
}

/** What the stack of a dirspace means for it, with everything inherited. */
export interface ResolvedStack {
  /** The leaf, `default` where no stack matches. */
  readonly name: string;
  /** Leaves whose dirspaces of this pull request have to be applied first; sorted. */
  readonly applyAfter: readonly string[];
  /** Apply without a command once every requirement holds; absent where no stack says so. */
  readonly autoApply?: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

export interface ResolvedWorkflow extends WorkflowSettings {
  /** Which entry of `workflows`; absent for the built-in one. */
  readonly index?: number;
}

export type Because =
  | { readonly kind: "file"; readonly path: string; readonly pattern: string }
  /** More files matched than are worth listing. */
  | { readonly kind: "more_files"; readonly count: number }
  /** A file of a module that it calls; `through` are the modules on the way, the nearest first. */
  | {
      readonly kind: "module";
      readonly path: string;
      readonly module: string;
      readonly through: readonly string[];
    }
  /**
   * A file that its code reads or includes, or that of a module that it calls; `by` is the file
   * that says so, and `through` are the modules on the way, the nearest first and its own last.
   */
  | {
      readonly kind: "reads";
      readonly path: string;
      readonly by: string;
      readonly through: readonly string[];
    }
  | { readonly kind: "predecessor"; readonly dirspace: Dirspace }
  /** Its stack is modified by another one that has matches. */
  | { readonly kind: "modified_by"; readonly stack: string; readonly by: string }
  /** This pull request applied it before, although the change no longer touches it. */
  | { readonly kind: "applied_before" };

/** A finding about the change as a whole. */
export type ChangeDiagnostic =
  | {
      readonly severity: "warning";
      readonly code: "deleted_directory";
      readonly message: string;
      readonly dirspace: Dirspace;
    }
  | {
      readonly severity: "warning";
      readonly code: "unusable_directory" | "dirs_key" | "module_directory";
      readonly message: string;
    }
  /** An error where the change touches one of them. */
  | {
      readonly severity: "error" | "warning";
      readonly code: "same_directory";
      readonly message: string;
      /** All that are equal, at least two. */
      readonly directories: readonly string[];
    }
  | {
      readonly severity: "error";
      readonly code: "depends_on_cycle";
      readonly message: string;
      /** First and last are the same. */
      readonly cycle: readonly Dirspace[];
      /** What said one of these steps, in the configuration; absent where only code did. */
      readonly at?: Path;
    }
  | ConfigDiagnostic;

/** A finding without which nothing about the change would be certain. */
export interface ConfigDiagnostic {
  readonly severity: "error";
  readonly code: "depends_on_too_wide" | "patterns_too_costly" | "too_many_links" | StackErrorCode;
  readonly message: string;
  /** Which part of the configuration it is about. */
  readonly at?: Path;
}

export type StackErrorCode =
  | "stack_limit"
  /** A name that no stack has. */
  | "stack_unknown"
  | "stack_cycle"
  /** A dirspace in no stack, or in several. */
  | "stack_unmatched"
  | "stack_overlap"
  /** A workflow names a variable that the stack does not have. */
  | "stack_variable";

export type ChangeSet =
  | {
      readonly kind: "ok";
      /** By wave, then by `compareDirspaces`. */
      readonly dirspaces: readonly Affected[];
      readonly diagnostics: readonly ChangeDiagnostic[];
    }
  | { readonly kind: "error"; readonly diagnostics: readonly ChangeDiagnostic[] };
