import type { Affected } from "../change/affected.ts";
import { type DirspaceKey, dirspaceKey } from "../change/dirspace.ts";
import type { CommentStrategy, Config } from "../config/config.ts";
import { matches } from "../query/match.ts";

/** Which comments tell how a run ended, besides the one comment that always stands; fixed when the run starts. */
export interface ResultComments {
  /** Each begins with a table. */
  readonly summary: boolean;
  /** Never empty; a dirspace that no written policy speaks of is not in it. */
  readonly strategies: Readonly<Record<DirspaceKey, CommentStrategy>>;
}

/** Undefined where no written policy speaks of any of them. */
export function resultComments(
  { notifications: { policies, summary } }: Config,
  affected: readonly Affected[],
): ResultComments | undefined {
  if (policies.length === 0) return undefined;
  const strategies = affected.flatMap(({ dirspace, tags }) => {
    const subject = { tags: new Set(tags), dir: dirspace.dir as string };
    const policy = policies.find(({ tagQuery }) => matches(tagQuery, subject));
    return policy === undefined ? [] : [[dirspaceKey(dirspace), policy.commentStrategy] as const];
  });
  if (strategies.length === 0) return undefined;
  return { summary: summary.enabled, strategies: Object.fromEntries(strategies) };
}
