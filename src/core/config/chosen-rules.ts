import { leavesOf } from "../query/leaves.ts";
import type { Query } from "../query/query.ts";
import type { Config } from "./config.ts";
import type { Path } from "./places.ts";

/** A list of rules of which a pull request can choose which one judges it. */
export interface ChosenRule {
  /** The first query that the choice is made by. */
  readonly path: Path;
  /** Its tags that a pull request gives, or takes away. */
  readonly tags: readonly string[];
  readonly decides: "who may plan and apply" | "what an apply needs";
}

/**
 * Rules come from the default branch, and most tags that their queries ask about from the pull request: its `dirs`,
 * `stacks` and `tags`. Where rules differ, who writes the tags chooses among them.
 */
export function chosenRules({ accessControl, applyRequirements }: Config): readonly ChosenRule[] {
  const policies = accessControl.enabled ? accessControl.policies : [];
  return [
    ...chosenAmong(policies, ["access_control", "policies"], "who may plan and apply"),
    ...chosenAmong(
      applyRequirements.checks,
      ["apply_requirements", "checks"],
      "what an apply needs",
    ),
  ];
}

/** At most one: the first rule that a tag leads to, or past which it leads to another one. */
function chosenAmong(
  rules: readonly { readonly tagQuery: Query }[],
  list: Path,
  decides: ChosenRule["decides"],
): readonly ChosenRule[] {
  const catchAll = rules.findIndex(({ tagQuery }) => tagQuery.root === null);
  const reached = catchAll === -1 ? rules : rules.slice(0, catchAll + 1);
  const says: readonly string[] = [
    ...reached.map(({ tagQuery: _, ...rule }) => JSON.stringify(rule)),
    // What no rule speaks about is refused.
    ...(catchAll === -1 ? ["refused"] : []),
  ];
  for (const [index, { tagQuery }] of reached.entries()) {
    const tags = givenTags(tagQuery);
    const differs = says.slice(index).some((said) => said !== says[index]);
    if (tags.length > 0 && differs) return [{ path: [...list, index, "tag_query"], tags, decides }];
  }
  return [];
}

/** Where a dirspace is, is not for the configuration to say. */
function givenTags({ root }: Query): readonly string[] {
  if (root === null) return [];
  const tags = leavesOf(root).flatMap((leaf) =>
    leaf.kind === "tag" && leaf.tag !== "" && !leaf.tag.startsWith("dir:") ? [leaf.tag] : [],
  );
  return [...new Set(tags)];
}
