import { unreachable } from "../../base/unreachable.ts";
import { resolveDir } from "./path.ts";
import type { Node, Query } from "./query.ts";

/** What a query is asked about. */
export interface Subject {
  readonly tags: ReadonlySet<string>;
  readonly dir: string;
  /** The directory whose `depends_on` is being read; `relative_dir:` is false without it. */
  readonly workingDir?: string;
}

export function matches(query: Query, subject: Subject): boolean {
  return query.root === null || matchesNode(query.root, subject);
}

function matchesNode(node: Node, subject: Subject): boolean {
  switch (node.kind) {
    case "tag":
      // Nobody has the empty tag.
      return node.tag !== "" && subject.tags.has(node.tag);
    case "in_dir":
      return holdsSegments(subject.dir, node.segments);
    case "relative_dir":
      return (
        subject.workingDir !== undefined &&
        resolveDir(subject.workingDir, node.path) === subject.dir
      );
    case "not":
      return !matchesNode(node.operand, subject);
    case "and":
      return node.operands.every((operand) => matchesNode(operand, subject));
    case "or":
      return node.operands.some((operand) => matchesNode(operand, subject));
    default:
      return unreachable(node);
  }
}

/** Whether the segments stand in the directory as a run of whole segments. */
function holdsSegments(dir: string, segments: readonly string[]): boolean {
  if (segments.length === 0 || dir === ".") return false;
  return `/${dir}/`.includes(`/${segments.join("/")}/`);
}
