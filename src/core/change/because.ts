import type { Because } from "./affected.ts";
import { becauseOfCode, type CodeMatches } from "./code-match.ts";
import type { Derived } from "./derived.ts";
import { becauseOfFiles, type FileMatches } from "./match.ts";
import type { AssignedStacks } from "./stack/assign-stacks.ts";
import type { Members } from "./waves.ts";

export interface BecauseFacts {
  readonly derived: Derived;
  readonly stacks: AssignedStacks;
  readonly members: Members;
  readonly matched: FileMatches;
  readonly used: CodeMatches;
}

/** Why a dirspace is in the change. Never empty. */
export function becauseOf(facts: BecauseFacts, position: number): readonly Because[] {
  const { derived, members, matched, used } = facts;
  const entry = derived.dirspaces[position];
  const paths = matched.get(position);
  const ways = used.get(position);
  if (entry !== undefined && (paths !== undefined || ways !== undefined)) {
    return [...becauseOfFiles(entry, paths ?? []), ...becauseOfCode(entry, ways ?? [])];
  }
  let last = position;
  let from = members.pulledBy.get(position);
  if (from === undefined) return [{ kind: "applied_before" }];
  // A pruned dirspace is not shown, so it cannot be the reason either.
  while (members.pruned.has(from)) {
    const before = members.pulledBy.get(from);
    if (before === undefined) break;
    last = from;
    from = before;
  }
  const predecessor = derived.dirspaces[from]?.dirspace;
  if (predecessor !== undefined) return [{ kind: "predecessor", dirspace: predecessor }];
  return [modifiedBy(facts, last, from)];
}

/** A stack took it along: names the stack of the dirspace that it began with. */
function modifiedBy(
  { derived, stacks, members }: BecauseFacts,
  last: number,
  from: number,
): Because {
  let root = from;
  while (derived.dirspaces[root] === undefined) {
    const before = members.pulledBy.get(root);
    if (before === undefined) break;
    root = before;
  }
  return {
    kind: "modified_by",
    stack: stacks.stackOf(last).name,
    by: stacks.stackOf(root).name,
  };
}
