import type { DirspaceKey } from "../change/dirspace.ts";
import { isDone, type Phase } from "../phase.ts";
import type { GroupRefusal, GroupVerdict } from "./queued-group.ts";

/** One directory of the pull request, as far as a group is concerned. */
export interface GroupedDirspace {
  readonly key: DirspaceKey;
  readonly phase: Phase;
  /** The base of the group has something of it that its plan did not see. */
  readonly moved: boolean;
  /** The configuration applies it only after the merge. */
  readonly afterMerge: boolean;
}

export interface GroupFacts {
  /** Files that the group brings and the pull request does not change; undefined where nobody can say. */
  readonly foreign: readonly string[] | undefined;
  readonly dirspaces: readonly GroupedDirspace[];
}

/** The first row that holds decides. */
export function judgeGroup({ foreign, dirspaces }: GroupFacts): GroupVerdict {
  const having = (is: (one: GroupedDirspace) => boolean) =>
    dirspaces.filter(is).map(({ key }) => key);
  const phase =
    (...phases: readonly Phase[]) =>
    (one: GroupedDirspace) =>
      phases.includes(one.phase);
  if (foreign === undefined) return refused("unreadable", []);
  if (foreign.length > 0) return refused("other_changes", []);
  const moved = having((one) => one.moved);
  if (moved.length > 0) return refused("base_moved", moved);
  if (dirspaces.some(phase("planning", "applying", "unknown"))) return { kind: "pending" };
  const unplanned = having(phase("unplanned", "stale", "plan_failed", "apply_failed"));
  if (unplanned.length > 0) return refused("unplanned", unplanned);
  const unapplied = having((one) => one.phase === "planned" && !one.afterMerge);
  if (unapplied.length > 0) return refused("unapplied", unapplied);
  if (!dirspaces.every((one) => isDone(one.phase)))
    return { kind: "as_reviewed", applies: "later" };
  const applies = dirspaces.some(phase("applied")) ? "done" : "nothing";
  return { kind: "as_reviewed", applies };
}

function refused(because: GroupRefusal, dirspaces: readonly DirspaceKey[]): GroupVerdict {
  return { kind: "refused", because, dirspaces };
}
