import type { Config } from "../config/config.ts";
import { IMPLICIT_STACK } from "../config/stack.ts";
import type { Certainty } from "../query/possibility.ts";
import { dirspaceTags } from "./auto-tags.ts";
import type { Derived } from "./derived.ts";

/** Beyond this many questions a query that still found nothing is not accused: it is a second's work. */
export const COMPARISONS_MAX = 3_000_000;

/** The tags that dirspaces have whatever the pull request is, and those that they may have. */
export interface PossibleTags {
  readonly maybe: ReadonlySet<string>;
  readonly of: (position: number) => ReadonlySet<string>;
  readonly certaintyAt: (position: number) => (tag: string) => Certainty;
}

export function possibleTags({ config, dirspaces }: Derived): PossibleTags {
  const maybe = changingTags(config);
  const of = (position: number): ReadonlySet<string> => {
    const entry = dirspaces[position];
    return entry === undefined ? new Set() : dirspaceTags(entry.dirspace, entry.rule, []);
  };
  return {
    maybe,
    of,
    certaintyAt(position) {
      const tags = of(position);
      return (tag) => (tags.has(tag) ? "yes" : maybe.has(tag) ? "maybe" : "no");
    },
  };
}

/** Tags that differ between pull requests, or that stacks give: whoever names one may get it. */
function changingTags({ tags, stacks }: Config): ReadonlySet<string> {
  return new Set([
    ...Object.keys(tags.branch).map((name) => `branch:${name}`),
    ...Object.keys(tags.destBranch).map((name) => `dest_branch:${name}`),
    ...[IMPLICIT_STACK, ...stacks.map(({ name }) => name)].map((name) => `stack_name:${name}`),
  ]);
}
