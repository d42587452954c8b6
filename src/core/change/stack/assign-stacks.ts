import { present } from "../../../base/assert.ts";
import { IMPLICIT_STACK } from "../../config/stack.ts";
import { matches } from "../../query/match.ts";
import type { ChangeDiagnostic, ResolvedStack } from "../affected.ts";
import { dirspaceTags } from "../auto-tags.ts";
import { buildCandidates } from "../candidates.ts";
import type { Derived } from "../derived.ts";
import { shortName } from "../dirspace.ts";
import { stackResolver } from "./resolve-stack.ts";
import { connectStacks, type Stacks } from "./stacks.ts";

/** The stacks of a repository with their dirspaces; each dirspace is in exactly one leaf. */
export interface AssignedStacks {
  readonly stacks: Stacks;
  /** Of each leaf, by its index. */
  readonly positions: ReadonlyMap<number, readonly number[]>;
  readonly stackOf: (position: number) => ResolvedStack;
  /** Of a dirspace: the automatic ones included, `stack_name:` too. */
  readonly tagsOf: (position: number) => ReadonlySet<string>;
}

export type StackAssignment =
  | { readonly kind: "ok"; readonly assigned: AssignedStacks }
  | { readonly kind: "error"; readonly diagnostics: readonly ChangeDiagnostic[] };

/** Asking a query about a dirspace costs about 100 ns; this many are some two seconds. */
export const COMPARISONS_MAX = 20_000_000;

export function assignStacks(derived: Derived): StackAssignment {
  const connected = connectStacks(derived.config.stacks);
  if (connected.kind === "error") return connected;
  const { stacks } = connected;
  const membership = findMembers(derived, stacks);
  if (membership.kind === "error") return membership;
  const { leafOf } = membership;
  const resolver = stackResolver(stacks);
  const shared = new Map<number, readonly string[]>();
  const sharedTags = (leaf: number): readonly string[] => {
    const tags = shared.get(leaf) ?? [...derived.branchTags, ...resolver.tags(leaf)];
    shared.set(leaf, tags);
    return tags;
  };
  const assigned: AssignedStacks = {
    stacks,
    positions: membership.positions,
    stackOf: (position) => resolver.resolved(leafOf(position)),
    tagsOf: (position) => {
      const { dirspace, rule } = present(derived.dirspaces[position], "stacks: no such position");
      return dirspaceTags(dirspace, rule, sharedTags(leafOf(position)));
    },
  };
  return { kind: "ok", assigned };
}

type Membership =
  | {
      readonly kind: "ok";
      readonly positions: ReadonlyMap<number, readonly number[]>;
      readonly leafOf: (position: number) => number;
    }
  | { readonly kind: "error"; readonly diagnostics: readonly ChangeDiagnostic[] };

function findMembers(derived: Derived, stacks: Stacks): Membership {
  const { implicit } = stacks;
  if (stacks.nodes.length === 1 && implicit !== undefined) {
    // Nothing is configured: no rule either that would ask who is in it.
    return { kind: "ok", positions: new Map(), leafOf: () => implicit };
  }
  const leaves = stacks.nodes.flatMap(({ stack }, index) =>
    stack.kind === "leaf" && index !== implicit ? [{ index, query: stack.tagQuery }] : [],
  );
  // Queries of stacks see the tags before those that say in which stack one is.
  const tags = derived.dirspaces.map(({ dirspace, rule }) =>
    dirspaceTags(dirspace, rule, derived.branchTags),
  );
  const tagsOf = (position: number): ReadonlySet<string> => present(tags[position], "stacks: tags");
  const candidates = buildCandidates(
    derived.dirspaces,
    tagsOf,
    leaves.map(({ query }) => query),
  );
  const found: (number | undefined)[] = derived.dirspaces.map(() => undefined);
  const overlaps = new Map<string, Overlap>();
  let comparisons = 0;
  for (const { index, query } of leaves) {
    const narrowed = candidates.find(query, "");
    comparisons += narrowed === "all" ? found.length : narrowed.length;
    if (comparisons > COMPARISONS_MAX) return failed([tooWide(stacks, index)]);
    for (const position of narrowed === "all" ? found.keys() : narrowed) {
      const dir = derived.dirspaces[position]?.dirspace.dir ?? "";
      if (!matches(query, { tags: tagsOf(position), dir })) continue;
      const first = found[position];
      if (first === undefined) found[position] = index;
      else note(overlaps, first, index, position);
    }
  }
  if (overlaps.size > 0) {
    return failed([...overlaps.values()].map((one) => overlapError(derived, stacks, one)));
  }
  const unmatched = [...found.keys()].filter((position) => found[position] === undefined);
  if (unmatched.length > 0 && implicit === undefined) {
    return failed([unmatchedError(derived, stacks, unmatched)]);
  }
  const leafOf = (position: number): number => found[position] ?? implicit ?? 0;
  const positions = new Map<number, number[]>();
  for (const position of found.keys()) {
    const leaf = leafOf(position);
    const known = positions.get(leaf);
    if (known === undefined) positions.set(leaf, [position]);
    else known.push(position);
  }
  return { kind: "ok", leafOf, positions };
}

interface Overlap {
  readonly first: number;
  readonly second: number;
  readonly positions: number[];
}

function note(
  overlaps: Map<string, Overlap>,
  first: number,
  second: number,
  position: number,
): void {
  const key = `${first} ${second}`;
  const known = overlaps.get(key);
  if (known === undefined) overlaps.set(key, { first, second, positions: [position] });
  else known.positions.push(position);
}

const NAMED_MAX = 5;

function overlapError(derived: Derived, stacks: Stacks, overlap: Overlap): ChangeDiagnostic {
  const { positions } = overlap;
  const [first, second] = [overlap.first, overlap.second].map((one) => nameOf(stacks, one));
  const message =
    `${listed(derived, positions)} ${positions.length === 1 ? "matches" : "match"} the stacks ` +
    `\`${first}\` and \`${second}\`, and a dirspace belongs to exactly one. Narrow the \`tag_query\` of one of them.`;
  return { severity: "error", code: "stack_overlap", message, at: queryOf(second ?? "") };
}

function unmatchedError(
  derived: Derived,
  stacks: Stacks,
  positions: readonly number[],
): ChangeDiagnostic {
  const own = stacks.nodes.find(({ stack }) => stack.name === IMPLICIT_STACK)?.stack;
  const cause =
    own?.kind === "leaf"
      ? "As there is a stack `default` with a query of its own, nothing else catches the rest"
      : "As `default` is the name of a nested stack, nothing catches the rest";
  const message =
    `${listed(derived, positions)} ${positions.length === 1 ? "matches" : "match"} no stack. ` +
    `${cause}. Widen a \`tag_query\`, or call that stack something else.`;
  return {
    severity: "error",
    code: "stack_unmatched",
    message,
    at: ["stacks", "names", IMPLICIT_STACK],
  };
}

function listed(derived: Derived, positions: readonly number[]): string {
  const names = positions
    .slice(0, NAMED_MAX)
    .flatMap((position) => derived.dirspaces[position]?.dirspace ?? [])
    .map((dirspace) => `\`${shortName(dirspace)}\``);
  const more = positions.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(" and ");
}

function nameOf(stacks: Stacks, index: number): string {
  return stacks.nodes[index]?.stack.name ?? "";
}

function queryOf(name: string): readonly string[] {
  return ["stacks", "names", name, "tag_query"];
}

function tooWide(stacks: Stacks, index: number): ChangeDiagnostic {
  const name = nameOf(stacks, index);
  const message =
    `The queries of the stacks need more than ${COMPARISONS_MAX} comparisons; the last one read is that of ` +
    `\`${name}\`. Name what belongs to a stack by a tag or a directory, and avoid \`not\`.`;
  return { severity: "error", code: "stack_limit", message, at: queryOf(name) };
}

function failed(diagnostics: readonly ChangeDiagnostic[]): Extract<Membership, { kind: "error" }> {
  return { kind: "error", diagnostics };
}
