/** What really happened to the infrastructure, kept outside of everything that is tested. */
export interface Ledger {
  /** An apply begins to change something; the returned function ends it. */
  begin(dirspace: string, planDigest: string): () => void;
  /** A job has been given the work of this attempt. */
  claimed(attempt: string): void;
  readonly applies: () => number;
  /** How many applies change something at this moment. */
  readonly atWork: () => number;
  /** Attempts that two jobs were given. */
  readonly doubleClaims: () => number;
  /** Two at work on one dirspace at once, or one reviewed plan applied a second time. */
  readonly doubleApplies: () => readonly string[];
}

export function openLedger(): Ledger {
  const atWork = new Map<string, string>();
  const applied = new Set<string>();
  const claims = new Set<string>();
  const doubles: string[] = [];
  let applies = 0;
  let doubleClaims = 0;
  return {
    begin(dirspace, planDigest) {
      applies += 1;
      const other = atWork.get(dirspace);
      if (other !== undefined) doubles.push(`${dirspace}: ${planDigest} beside ${other}`);
      if (applied.has(planDigest)) doubles.push(`${dirspace}: ${planDigest} a second time`);
      atWork.set(dirspace, planDigest);
      applied.add(planDigest);
      return () => {
        if (atWork.get(dirspace) === planDigest) atWork.delete(dirspace);
      };
    },
    claimed(attempt) {
      if (claims.has(attempt)) doubleClaims += 1;
      claims.add(attempt);
    },
    applies: () => applies,
    atWork: () => atWork.size,
    doubleClaims: () => doubleClaims,
    doubleApplies: () => doubles,
  };
}
