import type { Change, ChangeSet } from "../../src/core/change/affected.ts";
import { changeSet } from "../../src/core/change/change-set.ts";
import type { Stack, StackRules } from "../../src/core/config/stack.ts";
import { parseQuery } from "../../src/core/query/parser.ts";
import { BRANCHES, configOf, modified, ok } from "./change.ts";

/** One entry of `stacks.names`, as it is written. */
export interface WrittenStack {
  readonly tag_query?: string;
  readonly stacks?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly rules?: {
    readonly plan_after?: readonly string[];
    readonly apply_after?: readonly string[];
    readonly modified_by?: readonly string[];
    readonly auto_apply?: boolean;
  };
}

export type WrittenStacks = Readonly<Record<string, WrittenStack>>;

export function runStacks(
  written: WrittenStacks,
  files: readonly string[],
  changed: readonly string[] | readonly Change[],
  yaml = "",
): ChangeSet {
  const config = { ...configOf(yaml), stacks: stacksOf(written) };
  const changes = changed.map((one) =>
    typeof one === "string" ? (modified([one])[0] ?? one) : one,
  ) as readonly Change[];
  return changeSet(config, { files }, changes, BRANCHES);
}

/** The directories of each wave. */
export function wavesOf(set: ChangeSet): string[][] {
  const waves: string[][] = [];
  for (const { wave, dirspace } of ok(set)) {
    waves[wave] ??= [];
    waves[wave]?.push(dirspace.dir);
  }
  return waves;
}

function stacksOf(written: WrittenStacks): Stack[] {
  return Object.entries(written).map(([name, one]): Stack => {
    const common = { name, variables: one.variables ?? {}, rules: rulesOf(one.rules ?? {}) };
    if (one.stacks !== undefined) return { kind: "nested", ...common, stacks: one.stacks };
    const parsed = parseQuery(one.tag_query ?? "");
    if (parsed.kind === "error") throw new Error(parsed.message);
    return { kind: "leaf", ...common, tagQuery: parsed.query };
  });
}

function rulesOf(rules: NonNullable<WrittenStack["rules"]>): StackRules {
  return {
    ...(rules.plan_after === undefined ? {} : { planAfter: rules.plan_after }),
    ...(rules.apply_after === undefined ? {} : { applyAfter: rules.apply_after }),
    ...(rules.modified_by === undefined ? {} : { modifiedBy: rules.modified_by }),
    ...(rules.auto_apply === undefined ? {} : { autoApply: rules.auto_apply }),
  };
}
