import { unreachable } from "../../base/unreachable.ts";
import { matches } from "./match.ts";
import type { Node } from "./query.ts";

/** Whether a tag is there; `maybe` where that is not known before there is a pull request. */
export type Certainty = "yes" | "no" | "maybe";

/** Which answers a query can give. */
export interface Possibility {
  readonly yes: boolean;
  readonly no: boolean;
}

/** Errs on the side of what can happen: two tags that exclude each other are both believed. */
export function possibility(
  node: Node,
  dir: string,
  certainty: (tag: string) => Certainty,
  /** What `relative_dir:` is read from. */
  workingDir?: string,
): Possibility {
  switch (node.kind) {
    case "tag": {
      const answer = node.tag === "" ? "no" : certainty(node.tag);
      return { yes: answer !== "no", no: answer !== "yes" };
    }
    case "in_dir":
    case "relative_dir": {
      const from = workingDir === undefined ? {} : { workingDir };
      const yes = matches({ text: "", root: node }, { tags: new Set(), dir, ...from });
      return { yes, no: !yes };
    }
    case "not": {
      const { yes, no } = possibility(node.operand, dir, certainty, workingDir);
      return { yes: no, no: yes };
    }
    case "and":
    case "or": {
      const all = node.operands.map((operand) => possibility(operand, dir, certainty, workingDir));
      const isAnd = node.kind === "and";
      return {
        yes: isAnd ? all.every(({ yes }) => yes) : all.some(({ yes }) => yes),
        no: isAnd ? all.some(({ no }) => no) : all.every(({ no }) => no),
      };
    }
    default:
      return unreachable(node);
  }
}
