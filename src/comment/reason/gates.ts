import { count } from "../../base/text.ts";
import type { ReasonCode } from "../../core/reason.ts";
import { literal, literals, names, sentence } from "../words.ts";
import { unreadableText } from "./access.ts";
import type { RefusalText, Texts } from "./text.ts";

export type GateRefusal = Extract<
  ReasonCode,
  | "gate_open"
  | "gate_unreadable"
  | "gates_unasked"
  | "gate_own"
  | "gate_unknown"
  | "gate_crowded"
  | "gate_usage"
>;

/** Refusals that come from approvals which the steps of a plan asked for. */
export const GATES: Texts<GateRefusal, RefusalText> = {
  gate_open: ({ dirspaces, token, name, have, need, missing, unreadable }) => ({
    title: "A gate is closed",
    cause:
      `A step of the plan of ${names(dirspaces)} wants ${count(need, "approval")} by people other than the author` +
      `${called(name)}${have.length === 0 ? ", and there is none" : `; approved by ${literals(have)}`}.` +
      (missing.length === 0 ? "" : ` Missing: ${literals(missing)}.`) +
      unreadableText(unreadable),
    next:
      token === null
        ? "Get their reviews of this commit, then comment `terrane apply`."
        : `They look at what the step found and comment \`terrane gate approve ${plain(token)}\`; then comment \`terrane apply\`.`,
  }),
  gate_unreadable: ({ dirspaces, name, term, message }) => ({
    title: "A gate names nobody",
    cause: `A step of the plan of ${names(dirspaces)} asks for an approval${called(name)} by ${literal(term)}: ${sentence(message)}`,
    next: "Correct what the step prints or the gate in the configuration, then plan again.",
  }),
  gates_unasked: ({ dirspaces }) => ({
    title: "The run has not said what to look at",
    cause: `A hook that runs after the dirspaces may ask for approvals of ${names(dirspaces)}, and the run's job has not said for which.`,
    next: "Comment `terrane apply` once the run has ended. If its job died before that, or a hook or another dirspace of it failed, mend that and comment `terrane plan`.",
  }),
  gate_own: ({ login }) => ({
    title: "Your own pull request",
    cause: `${literal(login)} wrote this pull request, and a gate is there so that somebody else looks.`,
    next: "Ask one of the people the gate names to comment the same.",
  }),
  gate_unknown: ({ tokens, known }) => ({
    title: "No such gate",
    cause:
      `${literals(tokens)} ${tokens.length === 1 ? "is no token" : "are no tokens"} of a gate that the plans of this commit raised` +
      `${known.length === 0 ? "; none has a token" : `; those are ${literals(known)}`}.`,
    next: "Tokens stand beside the gates in this comment, once this commit is planned. After a new plan they can be others.",
  }),
  gate_crowded: () => ({
    title: "Too many approvals",
    cause: "More approvals of gates than this were never needed, so they are not kept.",
    next: "Push a commit to begin anew.",
  }),
  gate_usage: () => ({
    title: "Which gate",
    cause: "`gate` takes `approve` and one token or more.",
    next: "For example `terrane gate approve security`; tokens stand beside the gates in this comment.",
  }),
};

function called(name: string | null): string {
  return name === null ? "" : ` (${literal(name)})`;
}

/** Inside a code span a backtick would end it. */
function plain(token: string): string {
  return token.replaceAll("`", "'");
}
