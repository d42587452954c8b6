import { unreachable } from "../../base/unreachable.ts";
import { formatNode } from "./format.ts";
import { matches, type Subject } from "./match.ts";
import { resolveDir } from "./path.ts";
import type { Node, Query } from "./query.ts";

/** One part of a query, what it is for the subject, and why. Whole parts before their operands. */
export interface Explained {
  readonly holds: boolean;
  /** The part as it is read, with every parenthesis that its reading implies. */
  readonly text: string;
  /** One clause of markdown. */
  readonly because: string;
  readonly operands: readonly Explained[];
}

/** Why a query matches a subject, or does not: every part of it, evaluated. */
export function explainQuery(query: Query, subject: Subject): Explained {
  if (query.root === null) {
    return { holds: true, text: "", because: "an empty query matches everything", operands: [] };
  }
  return explainNode(query.root, subject);
}

function explainNode(node: Node, subject: Subject): Explained {
  const holds = matches({ text: "", root: node }, subject);
  const part = (because: string, operands: readonly Node[] = []): Explained => ({
    holds,
    text: formatNode(node),
    because,
    operands: operands.map((operand) => explainNode(operand, subject)),
  });
  switch (node.kind) {
    case "tag":
      return part(ofTag(node.tag, holds));
    case "in_dir":
      return part(ofDir(node.segments, subject, holds));
    case "relative_dir":
      return part(ofRelativeDir(node.path, subject));
    case "not":
      return part(holds ? "what it negates is false" : "what it negates is true", [node.operand]);
    case "and":
      return part(holds ? "every part is true" : "a part is false", node.operands);
    case "or":
      return part(holds ? "a part is true" : "no part is true", node.operands);
    default:
      return unreachable(node);
  }
}

function ofTag(tag: string, holds: boolean): string {
  if (tag === "") return "nobody has the empty tag";
  return holds ? `it has the tag \`${tag}\`` : `it has no tag \`${tag}\``;
}

function ofDir(segments: readonly string[], { dir }: Subject, holds: boolean): string {
  if (segments.length === 0) {
    return "it names no directory: write whole names, without a slash before or after them";
  }
  const wanted = segments.join("/");
  if (dir === ".") return "the root of the repository lies in no directory";
  return holds
    ? `\`${wanted}\` is a part of \`${dir}\``
    : `\`${wanted}\` is no whole part of \`${dir}\``;
}

function ofRelativeDir(path: string, { dir, workingDir }: Subject): string {
  if (workingDir === undefined) {
    return "`relative_dir:` has a meaning only where a dirspace looks at others, as in `depends_on`";
  }
  const resolved = resolveDir(workingDir, path);
  if (resolved === undefined)
    return `\`${path}\` seen from \`${workingDir}\` leaves the repository`;
  const verb = resolved === dir ? "is" : "is not";
  return `\`${path}\` seen from \`${workingDir}\` is \`${resolved}\`, which ${verb} this directory`;
}
