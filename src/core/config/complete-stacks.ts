import { given } from "./complete-engine.ts";
import { completeQuery } from "./complete-query.ts";
import type { RawStack, RawStacks } from "./schema/stacks.ts";
import type { Stack, StackRules } from "./stack.ts";

export function completeStacks(raw: RawStacks | null | undefined): readonly Stack[] {
  return Object.entries(raw?.names ?? {}).map(([name, stack]) => completeStack(name, stack));
}

function completeStack(name: string, raw: RawStack): Stack {
  const common = { name, variables: raw.variables ?? {}, rules: completeRules(raw.rules) };
  if (raw.stacks) return { kind: "nested", ...common, stacks: raw.stacks };
  return { kind: "leaf", ...common, tagQuery: completeQuery(raw.tag_query ?? "") };
}

/** An absent list says nothing, which an empty one does (§14 no. 13). */
function completeRules(raw: RawStack["rules"]): StackRules {
  return {
    ...given("planAfter", raw?.plan_after),
    ...given("applyAfter", raw?.apply_after),
    ...given("modifiedBy", raw?.modified_by),
    ...given("autoApply", raw?.auto_apply),
  };
}
