import type { CommitSha, PullRequestId } from "./ids.ts";

/** A pull request as we know it. */
export interface KnownPullRequest {
  readonly id: PullRequestId;
  readonly number: number;
  readonly open: boolean;
  /** Closed without a merge. */
  readonly closed: boolean;
  readonly head: CommitSha | undefined;
  /** The commit of the owner's central repository that was decided from; undefined where there was none, or before. */
  readonly central: CommitSha | undefined;
  /** It holds or waits for something, and nobody has looked at it for long. */
  readonly overdue: boolean;
  /**
   * An event of it is due to be decided, and whoever decides it mostly looks at the pull request; if not, the next tick does.
   * One that was put off, for a day where only a newer server knows it, keeps nobody from looking.
   */
  readonly pending: boolean;
}

/** A pull request as the VCS lists it. */
export interface OpenPullRequest {
  readonly number: number;
  readonly head: CommitSha;
  readonly openedAtMs: number;
}

/** What the VCS lists of a repository. */
export interface Listed {
  readonly open: readonly OpenPullRequest[];
  /** Numbers of what was merged lately. */
  readonly merged: readonly number[];
}

/** The newest commit of the owner's central repository, where somebody could say. */
export type CentralNow =
  | { readonly kind: "known"; readonly commit: CommitSha | undefined }
  | { readonly kind: "unknown" };

export interface Differences {
  /** To be read again, by number; `lost` is what no webhook told us of. */
  readonly again: readonly { readonly id: PullRequestId; readonly lost: boolean }[];
  /** Never heard of. */
  readonly found: readonly number[];
}

/**
 * S21: what the VCS knows of a repository and we do not, because its webhook was lost. Pull requests that were open
 * before we knew the repository are none of that: nobody asked us to look at those.
 */
export function differences(
  known: readonly KnownPullRequest[],
  { open, merged }: Listed,
  knownSinceMs: number,
  central: CentralNow,
): Differences {
  const listed = new Map(open.map((one) => [one.number, one]));
  const numbers = new Set(known.map((one) => one.number));
  const again = known.flatMap((one) => {
    if (one.pending) return [];
    const now = listed.get(one.number);
    // What was opened again and merged between two looks was never seen to be open.
    const lost =
      one.open !== (now !== undefined) ||
      (now !== undefined && now.head !== one.head) ||
      (one.closed && merged.includes(one.number));
    // What nobody decided about yet, or an older server, said nothing of it.
    const moved =
      now !== undefined &&
      one.central !== undefined &&
      central.kind === "known" &&
      one.central !== central.commit;
    if (moved) return [{ id: one.id, lost: true }];
    return lost || one.overdue ? [{ id: one.id, lost }] : [];
  });
  const found = open
    .filter((one) => !numbers.has(one.number) && one.openedAtMs >= knownSinceMs)
    .map((one) => one.number);
  return { again, found };
}
