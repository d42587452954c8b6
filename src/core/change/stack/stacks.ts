import type { Path } from "../../config/places.ts";
import { IMPLICIT_STACK, type Stack } from "../../config/stack.ts";
import type { Query } from "../../query/query.ts";
import type { ChangeDiagnostic, ConfigDiagnostic } from "../affected.ts";
import { nestingCycle, orderCycle } from "./stack-cycles.ts";

/** The stacks of a configuration, connected; all refer to each other by index. */
export interface Stacks {
  /** In the order of the file; the implicit one is the last where there is one. */
  readonly nodes: readonly StackNode[];
  /** Of the leaf that catches what no other matches; absent where `default` is configured. */
  readonly implicit: number | undefined;
}

export interface StackNode {
  readonly stack: Stack;
  /** The nested stacks that name it. */
  readonly parents: readonly number[];
  /** Of a nested stack, those that it names. */
  readonly children: readonly StackLink[];
  readonly planAfter: readonly StackLink[];
  readonly applyAfter: readonly StackLink[];
  readonly modifiedBy: readonly StackLink[];
}

/** A stack that another one names, and where. */
export interface StackLink {
  readonly to: number;
  readonly at: Path;
}

export type ConnectedStacks =
  | { readonly kind: "ok"; readonly stacks: Stacks }
  | { readonly kind: "error"; readonly diagnostics: readonly ChangeDiagnostic[] };

/** What each of 100,000 dirspaces is asked about, and what every rule is followed through. */
export const STACKS_MAX = 2_000;

/** Resolves every name; whatever makes the order meaningless is an error. */
export function connectStacks(configured: readonly Stack[]): ConnectedStacks {
  if (configured.length > STACKS_MAX) {
    return failed({
      severity: "error",
      code: "stack_limit",
      message: `There are ${configured.length} stacks, and at most ${STACKS_MAX} are supported. Put what belongs together under one stack.`,
      at: ["stacks", "names"],
    });
  }
  const named = new Map(configured.map(({ name }, index) => [name, index]));
  const hasDefault = named.has(IMPLICIT_STACK);
  const all = hasDefault ? configured : [...configured, implicitStack()];
  const implicit = hasDefault ? undefined : configured.length;
  if (implicit !== undefined) named.set(IMPLICIT_STACK, implicit);

  const unknown: ConfigDiagnostic[] = [];
  const links = (owner: Stack, names: readonly string[], path: Path): StackLink[] =>
    names.flatMap((name, index) => {
      const at = ["stacks", "names", owner.name, ...path, index];
      const to = named.get(name);
      if (to === undefined) unknown.push(unknownStack(owner, name, [...named.keys()], at));
      return to === undefined ? [] : [{ to, at }];
    });
  const nodes = all.map((stack) => linked(stack, links));
  if (unknown.length > 0) return { kind: "error", diagnostics: unknown };
  const stacks = { nodes: withParents(nodes), implicit };
  const cycle = nestingCycle(stacks) ?? orderCycle(stacks);
  return cycle === undefined ? { kind: "ok", stacks } : failed(cycle);
}

type Links = (owner: Stack, names: readonly string[], path: Path) => readonly StackLink[];

function linked(stack: Stack, links: Links): Omit<StackNode, "parents"> {
  const { rules } = stack;
  const modifiedBy = links(stack, rules.modifiedBy ?? [], ["rules", "modified_by"]);
  return {
    stack,
    children: stack.kind === "nested" ? links(stack, stack.stacks, ["stacks"]) : [],
    // Who says `modified_by` comes after it, unless it says itself what it comes after (also `[]`).
    planAfter:
      rules.planAfter === undefined
        ? modifiedBy
        : links(stack, rules.planAfter, ["rules", "plan_after"]),
    applyAfter: links(stack, rules.applyAfter ?? [], ["rules", "apply_after"]),
    modifiedBy,
  };
}

function withParents(nodes: readonly Omit<StackNode, "parents">[]): readonly StackNode[] {
  const parents = nodes.map((): number[] => []);
  for (const [index, { children }] of nodes.entries()) {
    for (const to of new Set(children.map((link) => link.to))) parents[to]?.push(index);
  }
  return nodes.map((node, index) => ({ ...node, parents: parents[index] ?? [] }));
}

const EVERYTHING: Query = { text: "", root: null };

function implicitStack(): Stack {
  return { kind: "leaf", name: IMPLICIT_STACK, tagQuery: EVERYTHING, variables: {}, rules: {} };
}

const NAMED_MAX = 10;

function unknownStack(
  owner: Stack,
  name: string,
  known: readonly string[],
  at: Path,
): ConfigDiagnostic {
  const names = known.slice(0, NAMED_MAX).map((one) => `\`${one}\``);
  const more = known.length > NAMED_MAX ? " and others" : "";
  const message = `The stack \`${owner.name}\` names \`${name}\`, and there is no such stack. There are ${names.join(", ")}${more}.`;
  return { severity: "error", code: "stack_unknown", message, at };
}

function failed(diagnostic: ChangeDiagnostic): ConnectedStacks {
  return { kind: "error", diagnostics: [diagnostic] };
}
