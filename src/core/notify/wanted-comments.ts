import type { DirspaceKey } from "../change/dirspace.ts";
import type { CommentStrategy } from "../config/config.ts";
import type { CommitSha } from "../ids.ts";
import type { ResultComments } from "./result-comments.ts";

/** Nothing of it changes any more, but that its results may be forgotten. */
export interface EndedRun {
  readonly number: number;
  readonly kind: "plan" | "apply";
  readonly headSha: CommitSha;
  /** Undefined where no policy spoke of it: then it only outdates what others said. */
  readonly comments: ResultComments | undefined;
  readonly dirspaces: readonly DirspaceKey[];
  /** An unlock took its results away: they are no longer current. */
  readonly forgotten: boolean;
}

/** What one run found out about one dirspace. */
export interface ResultOf {
  readonly run: number;
  readonly dirspace: DirspaceKey;
}

/** `shown` is the only state in which anybody looks at what it says. */
export type CommentFate = "shown" | "hidden" | "deleted";

/** A comment as it should be: one for each run that has ended and each strategy among its dirspaces. */
export interface WantedComment {
  readonly run: number;
  readonly strategy: CommentStrategy;
  readonly own: readonly ResultOf[];
  /** Results of earlier runs that are still current and that it took over from comments it replaces. */
  readonly carried: readonly ResultOf[];
  readonly fate: CommentFate;
}

const STRATEGIES: readonly CommentStrategy[] = ["append", "minimize", "delete"];
const REPLACED: Readonly<Record<Exclude<CommentStrategy, "append">, CommentFate>> = {
  minimize: "hidden",
  delete: "deleted",
};

/**
 * All result comments of a pull request, oldest first, from nothing but its ended runs: whoever computes this later, after
 * whatever crash, comes to the same. Later runs come after earlier ones by their numbers, however they ended, because the
 * works of a dirspace come one after the other in this order (S8).
 */
export function wantedComments(runs: readonly EndedRun[]): readonly WantedComment[] {
  const ordered = runs.toSorted((a, b) => a.number - b.number);
  const byNumber = new Map(ordered.map((run) => [run.number, run]));
  const latest = new Map<DirspaceKey, number>();
  let comments: readonly WantedComment[] = [];
  for (const run of ordered) {
    for (const dirspace of run.dirspaces) latest.set(dirspace, run.number);
    const isCurrent = ({ run: from, dirspace }: ResultOf): boolean => {
      const source = byNumber.get(from);
      return source !== undefined && latest.get(dirspace) === from && stillHolds(source, run);
    };
    for (const strategy of STRATEGIES) {
      const own = run.dirspaces
        .filter((dirspace) => run.comments?.strategies[dirspace] === strategy)
        .map((dirspace) => ({ run: run.number, dirspace }));
      if (own.length > 0) comments = withComment(comments, run.number, strategy, own, isCurrent);
    }
  }
  // What replaces what was decided with the runs; an unlock later on only takes words away.
  return comments.map((comment) => {
    const carried = comment.carried.filter(({ run }) => byNumber.get(run)?.forgotten === false);
    return { ...comment, carried };
  });
}

function withComment(
  before: readonly WantedComment[],
  run: number,
  strategy: CommentStrategy,
  own: readonly ResultOf[],
  isCurrent: (result: ResultOf) => boolean,
): readonly WantedComment[] {
  if (strategy === "append") {
    return [...before, { run, strategy, own, carried: [], fate: "shown" }];
  }
  const mine = new Set(own.map(({ dirspace }) => dirspace));
  const isReplaced = (comment: WantedComment) =>
    comment.fate === "shown" &&
    comment.run < run &&
    resultsOf(comment).some(({ dirspace }) => mine.has(dirspace));
  const carried = new Map<DirspaceKey, ResultOf>();
  for (const result of before.filter(isReplaced).flatMap(resultsOf)) {
    if (isCurrent(result)) carried.set(result.dirspace, result);
  }
  const fate = REPLACED[strategy];
  return [
    ...before.map((comment) => (isReplaced(comment) ? { ...comment, fate } : comment)),
    { run, strategy, own, carried: [...carried.values()], fate: "shown" },
  ];
}

export function resultsOf({ own, carried }: Pick<WantedComment, "own" | "carried">) {
  return [...own, ...carried];
}

/** A plan is of its head; what was applied stays applied. */
function stillHolds(source: EndedRun, run: EndedRun): boolean {
  return source.kind === "apply" || source.headSha === run.headSha;
}
