import type { Query, QueryWarning } from "../query/query.ts";
import type { Reason } from "../reason.ts";

/** What a person asked for. An absent query means everything the pull request touches. */
export type Command =
  | { readonly kind: "plan"; readonly query?: Query }
  | { readonly kind: "apply"; readonly query?: Query }
  /** Without apply requirements and gates; everything else holds. */
  | { readonly kind: "apply-force"; readonly query?: Query }
  /** Without a plan that was reviewed; everything else holds. */
  | { readonly kind: "apply-autoapprove"; readonly query?: Query }
  /** Numbers of pull requests, each once; none means the one that was commented on. */
  | {
      readonly kind: "unlock";
      readonly targets: readonly number[];
      /** Whoever is in the way of the one that was commented on. */
      readonly blocking: boolean;
      readonly drift: boolean;
    }
  /** Stops what runs; locks and results stay. */
  | { readonly kind: "cancel" }
  /** The target is typed out as a confirmation. */
  | {
      readonly kind: "force-unlock";
      readonly target:
        | { readonly kind: "number"; readonly number: number }
        | { readonly kind: "dirspace"; readonly text: string };
      readonly why: string;
    }
  /** Lets what asked for approval under these tokens pass, for the head commit. */
  | { readonly kind: "gate"; readonly tokens: readonly string[] }
  | { readonly kind: "repo-config" }
  /** Of one directory or dirspace, or of all that the pull request touches. */
  | { readonly kind: "why"; readonly target?: string }
  /** Reads what the code of the head refers to, where no job has yet, and says what was found. */
  | { readonly kind: "index" }
  /** Goes to those who run the server; changes nothing. */
  | { readonly kind: "feedback"; readonly message: string }
  | { readonly kind: "help" };

export type CommandKind = Command["kind"];

/** Why a comment that speaks to us is not done. */
export type Refusal = Extract<
  Reason,
  {
    readonly code:
      | "unknown_command"
      | "bad_query"
      | "unlock_unknown"
      | "force_unlock_usage"
      | "gate_usage"
      | "feedback_usage"
      | "foreign_command";
  }
>;

/** `text` is the command line as typed, for showing it again. */
export type ParsedComment =
  | {
      readonly kind: "command";
      readonly command: Command;
      readonly text: string;
      readonly warnings: readonly QueryWarning[];
    }
  | { readonly kind: "not_a_command" }
  | { readonly kind: "refused"; readonly reason: Refusal; readonly text: string };
