import { unreachable } from "../../base/unreachable.ts";
import type { Node } from "./query.ts";

export type Leaf = Extract<Node, { kind: "tag" | "in_dir" | "relative_dir" }>;

/** What a query asks about, without how it is combined. */
export function leavesOf(node: Node): readonly Leaf[] {
  switch (node.kind) {
    case "tag":
    case "in_dir":
    case "relative_dir":
      return [node];
    case "not":
      return leavesOf(node.operand);
    case "and":
    case "or":
      return node.operands.flatMap(leavesOf);
    default:
      return unreachable(node);
  }
}
