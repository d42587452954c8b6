import { count } from "../../base/text.ts";
import { unreachable } from "../../base/unreachable.ts";
import { becauseText } from "./because-text.ts";
import { dirspaceKey } from "./dirspace.ts";
import { sameness } from "./twins.ts";
import type { WhyReason } from "./why.ts";

const NAMED_MAX = 5;

/** A reason in whole sentences of markdown: what is so, and what would change it. */
export function whyText(reason: WhyReason): string {
  switch (reason.kind) {
    case "disabled":
      return "`enabled: false` switches everything off in this repository.";
    case "affected":
      return `\`${dirspaceKey(reason.dirspace)}\` is affected: ${reason.because.map(becauseText).join("; ")}.`;
    case "not_autoplanned":
      return `\`${dirspaceKey(reason.dirspace)}\` has \`autoplan: false\`: a push does not plan it, a comment does.`;
    case "no_such_path":
      return `There is no file and no directory \`${reason.path}\` in the tree or in the change.${similar(reason.similar)}`;
    case "deleted":
      return `The change takes the last file of \`${dirspaceKey(reason.dirspace)}\`: nothing is left to plan, and what it created stays. Destroy it before its directory is deleted.`;
    case "only_directories":
      return `\`${reason.dir}\` holds directories and no files, so it is no dirspace itself.`;
    case "unusable_name":
      return `The directory is left out because of its name: ${reason.message}.`;
    case "same_directory":
      return sameDirectoryText(reason);
    case "module":
      return `\`${reason.dir}\` is a module: it is planned with what calls it, ${names(reason.callers)}.`;
    case "no_key":
      return `No key of \`dirs\` takes \`${reason.dir}\`, and none of its files matches the global patterns ${names(reason.patterns)}.`;
    case "no_patterns":
      return `\`${reason.by}\` is empty, so \`${reason.dir}\` is no dirspace and cannot be planned at all.`;
    case "no_workspace":
      return `\`${reason.dir}\` has no workspace \`${reason.workspace}\`, only ${names(reason.workspaces)}.`;
    case "no_files":
      return `The key \`${reason.key}\` takes \`${reason.dir}\` by its name, but no file of the tree matches its patterns ${names(reason.patterns)}, so it is no dirspace.`;
    case "key":
      return keyText(reason);
    case "unmatched":
      return unmatchedText(reason);
    case "excluded":
      return `\`${reason.path}\` matches \`${reason.pattern}\`, and \`${reason.by}\` takes it out again.`;
    case "near_miss":
      return `\`${reason.path}\` changes and matches no pattern of \`${dirspaceKey(reason.dirspace)}\`; \`${reason.pattern}\` would match it.`;
    case "waits_for_unchanged":
      return `It depends on \`${reason.query}\` (${count(reason.count, "dirspace")}), and none of these is affected.`;
    case "pruned":
      return `It comes after \`${dirspaceKey(reason.by)}\`, which changes, but \`prune_on_no_change\` leaves it out because no file of its own changes.`;
    case "file_of":
      return `\`${reason.path}\` belongs to ${names(reason.dirspaces.map(dirspaceKey))}.`;
    case "file_unmatched":
      return `No dirspace has a pattern that matches \`${reason.path}\`.`;
    case "file_unchanged":
      return `\`${reason.path}\` is not part of the change.`;
    default:
      return unreachable(reason);
  }
}

function keyText(reason: Extract<WhyReason, { kind: "key" }>): string {
  const taken = `The key \`${reason.key}\` of \`dirs\` configures \`${reason.dir}\``;
  if (reason.insteadOf.length === 0) return `${taken}.`;
  const rule = reason.explicit ? "a key without wildcards counts" : "the longest glob counts";
  return `${taken} and not ${names(reason.insteadOf)}: ${rule}.`;
}

function sameDirectoryText({
  directories,
  stops,
}: Extract<WhyReason, { kind: "same_directory" }>): string {
  const so = stops
    ? "The change touches them, so nothing of it is planned or applied"
    : "A change of them is not planned or applied";
  return `${sameness(directories)}. ${so} before all but one of them are renamed.`;
}

function unmatchedText(reason: Extract<WhyReason, { kind: "unmatched" }>): string {
  const key = dirspaceKey(reason.dirspace);
  if (reason.changed === 0) return `Nothing changes, so \`${key}\` does not either.`;
  return `None of ${count(reason.changed, "changed path")} matches the patterns of \`${key}\`: ${names(reason.patterns)}.`;
}

function similar(paths: readonly string[]): string {
  return paths.length === 0 ? "" : ` Similar: ${names(paths)}.`;
}

function names(list: readonly string[]): string {
  if (list.length === 0) return "(none)";
  const named = list
    .slice(0, NAMED_MAX)
    .map((one) => `\`${one}\``)
    .join(", ");
  return list.length > NAMED_MAX ? `${named} and ${list.length - NAMED_MAX} more` : named;
}
