import type { CommentFate, WantedComment } from "./wanted-comments.ts";

/** What is known of a result comment outside. */
export interface KnownComment {
  /** The digest of what it says; empty while nobody knows whether the last call got through. */
  readonly says: string;
  readonly state: CommentFate;
}

/** What is left to be done, in this order: nothing goes out of sight before what replaces it is there. */
export interface Outstanding {
  readonly write: readonly WantedComment[];
  readonly outdate: readonly (WantedComment & { readonly fate: "hidden" | "deleted" })[];
}

export const RESULT_KEY_PREFIX = "result:";

/** One for each run and strategy of a pull request. */
export function keyOfComment({ run, strategy }: Pick<WantedComment, "run" | "strategy">): string {
  return `${RESULT_KEY_PREFIX}${run}:${strategy}`;
}

/** The same where it would say the same: results of ended runs do not change. */
export function saysOf({ own, carried }: Pick<WantedComment, "own" | "carried">): string {
  const results = [...own, ...carried].map(({ run, dirspace }) => `${run} ${dirspace}`);
  return results.toSorted().join("\n");
}

/**
 * Compares what should be with what is known to be. A comment that was replaced before anybody wrote it is not written:
 * what of it is current stands in the one that replaced it.
 */
export function outstanding(
  wanted: readonly WantedComment[],
  known: ReadonlyMap<string, KnownComment>,
  digestOf: (says: string) => string,
): Outstanding {
  const write: WantedComment[] = [];
  const outdate: Outstanding["outdate"][number][] = [];
  for (const comment of wanted) {
    const { fate } = comment;
    const is = known.get(keyOfComment(comment));
    if (fate === "shown") {
      // A run that ends late may come between two others, and what one of them replaced is wanted again.
      const isThere = is?.state === "shown" && is.says === digestOf(saysOf(comment));
      if (!isThere) write.push(comment);
    } else if (is?.state === "shown") outdate.push({ ...comment, fate });
  }
  return { write, outdate };
}
