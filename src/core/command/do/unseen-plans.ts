import type { Instant } from "../../../base/brand.ts";
import type { Reason } from "../../reason.ts";
import { keysOf } from "../../run/start-run.ts";
import type { DirspaceState } from "../../snapshot.ts";

/** As far as the clocks of a VCS and of the database may be apart and nobody is refused for it (L41). */
const CLOCKS_APART_MS = 60_000;

/**
 * A comment may be heard hours after it was written. Whoever wrote it meant the plans that they saw, so a plan that was
 * made since is not what they speak of (S10).
 */
export function unseenPlans(
  states: readonly DirspaceState[],
  writtenAt: Instant | undefined,
): readonly Extract<Reason, { code: "plan_unseen" }>[] {
  if (writtenAt === undefined) return [];
  const unseen = states.filter(
    ({ plan }) => plan?.endedAt !== undefined && plan.endedAt > writtenAt + CLOCKS_APART_MS,
  );
  return unseen.length === 0 ? [] : [{ code: "plan_unseen", dirspaces: keysOf(unseen), writtenAt }];
}
