import type { Change } from "../change/affected.ts";
import type { CommitCheck, Permission } from "../pull-request.ts";

/** A file of cases beside a configuration: what it should do, in examples. */
export interface CaseFile {
  /** Paths of the repository; absent: those of the checkout. */
  readonly tree: readonly string[] | undefined;
  readonly people: ReadonlyMap<string, Person>;
  readonly defaultBranch: string;
  readonly cases: readonly Case[];
}

export interface Person {
  readonly role: Permission;
  readonly teams: readonly string[];
}

export interface Case {
  readonly name: string;
  readonly line: number;
  readonly given: Given;
  readonly expect: Expect;
}

/** A pull request and the people around it; what is not said is as harmless as it gets. */
export interface Given {
  readonly changed: readonly Change[];
  readonly author: string;
  /** Who gives commands. */
  readonly actor: string;
  readonly branch: string;
  readonly destBranch: string;
  readonly state: "open" | "merged" | "closed";
  readonly draft: boolean;
  readonly fork: boolean;
  readonly mergeable: "clean" | "conflict" | "unknown";
  /** Who approved the head commit. */
  readonly approvals: readonly string[];
  readonly checks: readonly CommitCheck[];
  /** Whose review was asked for and is not there. */
  readonly openReviews: readonly string[];
  /** Milliseconds since 1970, for drift schedules. */
  readonly time: number | undefined;
}

/** Only what is said is compared. A dirspace is `dir`, or `dir:workspace`. */
export interface Expect {
  /** All of them, in any order. */
  readonly affected?: readonly string[];
  /** The waves. */
  readonly order?: readonly (readonly string[])[];
  /** The position in `workflows`, or `default`. */
  readonly workflow?: Readonly<Record<string, number | "default">>;
  /** Tags that a dirspace has among others. */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  readonly stack?: Readonly<Record<string, string>>;
  /** What is planned without a command. */
  readonly autoplan?: readonly string[];
  readonly plan?: Verdict;
  readonly apply?: Verdict;
  readonly unlock?: Verdict;
  /** Schedules that may start at `time`. */
  readonly drift?: readonly string[];
  /** The configuration itself is refused, with these codes of findings. */
  readonly invalid?: readonly string[];
}

/** Whether a command is carried out; a refusal with the codes of its reasons. */
export type Verdict = "allowed" | { readonly refused: readonly string[] };

/** What a configuration does in a case. */
export interface Outcome {
  readonly affected: readonly string[];
  readonly order: readonly (readonly string[])[];
  readonly workflow: Readonly<Record<string, number | "default">>;
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly stack: Readonly<Record<string, string>>;
  readonly autoplan: readonly string[];
  /** Commands are tried only where somebody wants to know. */
  readonly plan?: Verdict;
  readonly apply?: Verdict;
  readonly unlock?: Verdict;
  readonly drift: readonly string[];
  readonly invalid: readonly string[];
}

export const VERBS = ["plan", "apply", "unlock"] as const;
export type Verb = (typeof VERBS)[number];
