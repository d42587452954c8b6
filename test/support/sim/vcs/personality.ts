/** How a forge misbehaves; the documented rows behind each value are in docs/proof.md. */
export interface Personality {
  readonly name: "hub" | "lab";
  readonly numberSign: "#" | "!";
  /** Commit statuses beside the checks. */
  readonly hasStatuses?: true;
  readonly commentCharsMax: number;
  /** After each push mergeability is unknown for up to so many reads. */
  readonly mergeableUnknownReads: number;
  /** How far back a stale read goes. */
  readonly staleMs: number;
  /** Whether starting a CI job tells its id. */
  readonly startTellsId: number;
  /** A job that was started for the attempt before is found instead of starting another one. */
  readonly startFindsEarlier: boolean;
  /** After so many failed deliveries in a row the forge stops sending for a while. */
  readonly disablesHookAfter: number | undefined;
  readonly hookDisabledMs: number;
  /** Budgets that are used up come with a time to wait. */
  readonly limitTellsWhen: number;
  /** The state of a job is forgotten or cannot be read. */
  readonly statusUnknown: number;
}

export const PERSONALITIES: readonly Personality[] = [
  {
    name: "hub",
    numberSign: "#",
    hasStatuses: true,
    commentCharsMax: 65_536,
    mergeableUnknownReads: 3,
    staleMs: 20_000,
    startTellsId: 0.7,
    startFindsEarlier: true,
    disablesHookAfter: undefined,
    hookDisabledMs: 0,
    limitTellsWhen: 0.5,
    statusUnknown: 0.1,
  },
  {
    name: "lab",
    numberSign: "!",
    commentCharsMax: 1_000_000,
    mergeableUnknownReads: 2,
    staleMs: 5_000,
    startTellsId: 1,
    startFindsEarlier: false,
    disablesHookAfter: 4,
    hookDisabledMs: 60_000,
    limitTellsWhen: 1,
    statusUnknown: 0.03,
  },
];
