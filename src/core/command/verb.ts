import type { CommandKind } from "./command.ts";

/** A verb that does something. */
export interface Verb {
  readonly kind: CommandKind;
  /** As in the help, without the trigger. */
  readonly usage: string;
  readonly does: string;
  /** It also begins an ordinary sentence about the tool, so it counts after our own name alone. */
  readonly ownNameOnly?: true;
}

/** In the order of the help. */
export const VERBS: readonly Verb[] = [
  { kind: "plan", usage: "plan [query]", does: "plan what the pull request touches" },
  { kind: "apply", usage: "apply [query]", does: "apply what was planned and reviewed" },
  {
    kind: "apply-force",
    usage: "apply-force [query]",
    does: "apply without what `apply_requirements` wants; an access policy has to allow it",
  },
  {
    kind: "apply-autoapprove",
    usage: "apply-autoapprove [query]",
    does: "apply without a plan that was reviewed; an access policy has to allow it",
  },
  {
    kind: "unlock",
    usage: "unlock [number …] [--blocking]",
    does: "give up the locks and the place in the queue of this pull request, of those with these numbers, or of whoever is in the way",
  },
  {
    kind: "cancel",
    usage: "cancel",
    does: "stop what runs here and give up the place in the queue; locks stay",
    ownNameOnly: true,
  },
  {
    kind: "force-unlock",
    usage: "force-unlock <number or directory> <reason>",
    does: "unlock although contact to an apply was lost: for administrators who know that nothing works there any more",
    ownNameOnly: true,
  },
  {
    kind: "gate",
    usage: "gate approve <token …>",
    does: "let what a step of the plan asks to be looked at pass, for this commit",
  },
  {
    kind: "repo-config",
    usage: "repo-config",
    does: "show the configuration in force, and where each value was written",
  },
  {
    kind: "index",
    usage: "index",
    does: "read which modules, files and links the code of this commit refers to, and say them",
  },
  {
    kind: "why",
    usage: "why [directory]",
    does: "say where everything stands, by which rule, and what it waits for",
    ownNameOnly: true,
  },
  {
    kind: "feedback",
    usage: "feedback <message>",
    does: "tell those who run this server something; it is noted, and only marked as heard here",
    ownNameOnly: true,
  },
  { kind: "help", usage: "help", does: "show the commands" },
];

export function verbOf(word: string): Verb | undefined {
  return VERBS.find((verb) => verb.kind === word);
}
