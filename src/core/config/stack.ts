import type { Query } from "../query/query.ts";

/** A named set of dirspaces, or of other stacks. */
export type Stack = LeafStack | NestedStack;

interface Common {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly rules: StackRules;
}

export interface LeafStack extends Common {
  readonly kind: "leaf";
  readonly tagQuery: Query;
}

export interface NestedStack extends Common {
  readonly kind: "nested";
  readonly stacks: readonly string[];
}

/** Names of stacks; an absent list says nothing, which an empty one does. */
export interface StackRules {
  readonly planAfter?: readonly string[];
  readonly applyAfter?: readonly string[];
  readonly modifiedBy?: readonly string[];
  readonly autoApply?: boolean;
}

/** Catches what no stack matches, unless a stack of this name is configured. */
export const IMPLICIT_STACK = "default";
