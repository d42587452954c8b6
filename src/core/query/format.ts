import { unreachable } from "../../base/unreachable.ts";
import type { Node } from "./query.ts";

const PLAIN_WORD = /^[^ \t\r\n'"()]+$/;
const KEYWORD = /^(?:and|or|not|in)$/i;

/** Writes a query with every parenthesis that its reading implies; it parses back to the same. */
export function formatNode(node: Node): string {
  switch (node.kind) {
    case "tag":
      return word(node.tag);
    case "in_dir":
      return `${word(node.segments.join("/"))} in dir`;
    case "relative_dir":
      return word(`relative_dir:${node.path}`);
    case "not":
      return `not ${node.operand.kind === "tag" ? word(node.operand.tag) : nested(node.operand)}`;
    case "and":
    case "or":
      return node.operands.map(operand).join(` ${node.kind} `);
    default:
      return unreachable(node);
  }
}

function operand(node: Node): string {
  return node.kind === "and" || node.kind === "or" ? nested(node) : formatNode(node);
}

function nested(node: Node): string {
  return `(${formatNode(node)})`;
}

function word(value: string): string {
  if (PLAIN_WORD.test(value) && !KEYWORD.test(value)) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
