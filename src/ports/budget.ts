/** How much of one kind may still be asked of a VCS. */
export interface Allowance {
  readonly what: string;
  readonly limit: number;
  readonly left: number;
  /** When all of it is there again; milliseconds since the epoch. */
  readonly resetsAt: number;
  /** The VCS counts what all servers do; of what it does not tell, each server knows what it did itself. */
  readonly said: "forge" | "self";
}

/** What one installation may still ask, as this server knows it. */
export interface InstallationBudget {
  readonly vcs: string;
  readonly installation: string;
  readonly allowances: readonly Allowance[];
  /** The VCS wants to hear nothing before then. */
  readonly closedUntil: number | undefined;
  /** Calls that run, and calls that wait for those. */
  readonly running: number;
  readonly waiting: number;
  /** Calls that were put off since this server started, as too little was left. */
  readonly putOff: number;
}
