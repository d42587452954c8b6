/** What a runner found out about one dirspace, for people; no decision reads it. */

export type ResourceAction =
  | "create"
  | "update"
  | "replace"
  | "delete"
  | "read"
  | "import"
  | "forget"
  | "move";

export interface ResourceChange {
  readonly address: string;
  readonly action: ResourceAction;
  /** Attribute paths that force a replacement. */
  readonly replacePaths: readonly string[];
}

export interface Failure {
  /** Which step ended it: `checkout`, `init`, `plan`, `apply`, … */
  readonly step: string;
  readonly message: string;
  /** Last lines of the tool's output, secrets masked. */
  readonly tail: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface OutputValue {
  readonly name: string;
  readonly sensitive: boolean;
  /** Null where it is sensitive. */
  readonly value: string | null;
}
