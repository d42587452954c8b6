import { unreachable } from "../../base/unreachable.ts";
import type { ReasonCode } from "../../core/reason.ts";
import { placeText } from "../../core/rule/place-text.ts";
import type { StaleBecause } from "../../core/run/work.ts";
import { literal, literals, names, pullRequests, shortSha, subject } from "../words.ts";
import type { ReasonOf, RefusalText, Texts } from "./text.ts";

export type BlockedCode = Extract<
  ReasonCode,
  | "locked"
  | "apply_in_flight"
  | "apply_unknown"
  | "not_planned"
  | "plan_running"
  | "plan_failed"
  | "plan_outdated"
  | "plan_stale"
  | "predecessors_unapplied"
  | "stacks_unapplied"
>;

/** Refusals that come from where single dirspaces stand. */
export const BLOCKED: Texts<BlockedCode, RefusalText> = {
  locked: (reason) => lockedText(reason),
  apply_in_flight: ({ dirspaces, by }) => ({
    title: "An apply is running",
    cause: `Pull request ${by} is applying ${names(dirspaces)} now.`,
    next: "Wait until it ends, then comment `terrane apply`.",
    pullRequests: [by],
  }),
  apply_unknown: ({ dirspaces }) => ({
    title: "An apply is in doubt",
    cause: `Contact was lost while ${subject(dirspaces, "was", "were")} being applied. The job may still be working.`,
    next: "Look at the CI job and end it there if it hangs. Once it has ended, comment `terrane plan`.",
  }),
  not_planned: ({ dirspaces }) => ({
    title: "Not planned",
    cause: `There is no plan of this commit for ${names(dirspaces)}.`,
    next: "Comment `terrane plan`.",
  }),
  plan_running: ({ dirspaces }) => ({
    title: "The plan is still running",
    cause: `${subject(dirspaces, "is", "are")} being planned.`,
    next: "Look at the plan when it is there, then comment `terrane apply`.",
  }),
  plan_failed: ({ dirspaces }) => ({
    title: "The plan failed",
    cause: `The plan of ${names(dirspaces)} ended with an error.`,
    next: "Correct the cause and push, or comment `terrane plan` to try again.",
  }),
  plan_outdated: ({ dirspaces, head }) => ({
    title: "The plan is of an older commit",
    cause: `${subject(dirspaces, "was", "were")} not planned at ${literal(shortSha(head))}, the newest commit.`,
    next: "Comment `terrane plan`.",
  }),
  plan_stale: ({ dirspaces, because }) => ({
    title: "The plan no longer holds",
    cause: `The plan of ${names(dirspaces)} was made before ${staleText(because)}.`,
    next: "Comment `terrane plan`.",
  }),
  predecessors_unapplied: ({ dirspaces, waitFor }) => ({
    title: "Something else comes first",
    cause: `${subject(dirspaces, "depends", "depend")} on ${names(waitFor)}, not applied yet.`,
    next: "Comment `terrane apply` for what comes first; what depends on it is planned afterwards.",
  }),
  stacks_unapplied: ({ stack, dirspaces, after, waitFor }) => ({
    title: "Another stack comes first",
    cause:
      `${subject(dirspaces, "belongs", "belong")} to the stack ${literal(stack)}, which is applied after ` +
      `${literals(after)}. Not applied there yet: ${names(waitFor)}.`,
    next: "Apply that first, then comment `terrane apply` once more.",
  }),
};

/** Completes "the plan was made before …". */
export function staleText(because: StaleBecause): string {
  switch (because.kind) {
    case "base_moved":
      return `the base branch moved to ${literal(shortSha(because.to))}`;
    case "settings_changed":
      return `the configuration says something else about ${settingWords(because)}`;
    case "applied_elsewhere":
      return "another pull request applied the same dirspace";
    case "apply_failed":
      return "an apply of it failed";
    case "unlocked":
      return "its lock was given up";
    default:
      return unreachable(because);
  }
}

/** Which keys, and where somebody wrote them. */
function settingWords({
  keys,
  rules,
}: Extract<StaleBecause, { kind: "settings_changed" }>): string {
  const places = rules.filter(({ file }) => file !== undefined).map(placeText);
  return `${literals(keys)}${places.length === 0 ? "" : ` (${literals(places)})`}`;
}

const LOCKS_MAX = 4;

function lockedText({ locks }: ReasonOf<"locked">): RefusalText {
  const owners = [...new Set(locks.map((lock) => lock.by))].toSorted((a, b) => a - b);
  const kinds = [...new Set(locks.map(({ by, because }) => `${by} ${because}`))];
  const causes = kinds.map((kind) => {
    const own = locks.filter(({ by, because }) => `${by} ${because}` === kind);
    const keys = own.map(({ dirspace }) => dirspace);
    const them = keys.length === 1 ? "it" : "them";
    const owner = `${subject(keys, "is", "are")} locked by pull request ${own[0]?.by}`;
    return own[0]?.because === "applied"
      ? `${owner}, which applied ${them} and is not merged yet`
      : `${owner}, which was merged and has not applied ${them} yet`;
  });
  const shown = causes.slice(0, LOCKS_MAX);
  const more = causes.length - shown.length;
  const isMergedOnly = locks.every((lock) => lock.because === "merged");
  const finish = isMergedOnly ? "Apply the rest of" : "Finish";
  return {
    title: "Locked by another pull request",
    cause: `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`,
    next: `${finish} ${pullRequests(owners)}, or give the locks up with \`terrane unlock ${owners.slice(0, 20).join(" ")}\`.`,
    pullRequests: owners,
  };
}
