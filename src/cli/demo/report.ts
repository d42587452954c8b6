/** What a demo did, also its last line with `--json`. */
export interface DemoReport {
  readonly ok: boolean;
  readonly seconds: number;
  readonly pullRequests: number;
  /** Dirspaces planned and applied, counted from the runs. */
  readonly plans: number;
  readonly applies: number;
  /** Commands and automatic steps that were refused. */
  readonly refusals: number;
  /** The comment of each pull request at the end, markdown. */
  readonly comments: readonly string[];
  readonly refused: readonly {
    readonly pullRequest: number;
    readonly code: string;
    readonly message: string;
  }[];
  /** What went otherwise than it should have. */
  readonly problems: readonly string[];
  readonly dashboard: string;
}
