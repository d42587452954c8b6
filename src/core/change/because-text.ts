import { unreachable } from "../../base/unreachable.ts";
import type { Because } from "./affected.ts";
import { dirspaceKey } from "./dirspace.ts";

/** Why a dirspace is part of a change, in one clause of markdown. */
export function becauseText(because: Because): string {
  switch (because.kind) {
    case "file":
      return `\`${because.path}\` matches \`${because.pattern}\``;
    case "more_files":
      return `${because.count} more changed files match`;
    case "module": {
      const { module, path, through } = because;
      return `it calls the module \`${module}\`${way(through)}, and \`${path}\` changes`;
    }
    case "reads": {
      const module = because.through.at(-1);
      const rest = because.through.slice(0, -1);
      const call =
        module === undefined ? "" : `it calls the module \`${module}\`${way(rest)}, where `;
      return `${call}\`${because.by}\` reads \`${because.path}\``;
    }
    case "predecessor":
      return `it comes after \`${dirspaceKey(because.dirspace)}\`, which changes`;
    case "modified_by":
      return `its stack \`${because.stack}\` is modified by the stack \`${because.by}\`, which changes`;
    case "applied_before":
      return "this pull request applied it before";
    default:
      return unreachable(because);
  }
}

/** Modules on the way that are named; a chain can be as long as the repository has modules. */
const WAY_MAX = 5;

function way(through: readonly string[]): string {
  const named = through.slice(0, WAY_MAX).map((dir) => ` through \`${dir}\``);
  const more = through.length - named.length;
  return `${named.join("")}${more > 0 ? ` and ${more} more` : ""}`;
}
