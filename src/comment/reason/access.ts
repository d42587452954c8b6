import type { AccessOperation, Reason, ReasonCode } from "../../core/reason.ts";
import { enumerate, literal, literals, names, sentence } from "../words.ts";
import type { RefusalText, Texts } from "./text.ts";

export type AccessCode = Extract<
  ReasonCode,
  | "not_permitted"
  | "access_denied"
  | "no_policy_matches"
  | "file_guarded"
  | "unlock_denied"
  | "access_control_off"
>;

/** Refusals that come from who asks. */
export const ACCESS: Texts<AccessCode, RefusalText> = {
  not_permitted: ({ login, has, needs }) => ({
    title: "Not permitted",
    cause: `${literal(login)} has the permission ${literal(has)} in this repository; this needs ${literal(needs)}.`,
    next: `Ask somebody who has ${literal(needs)} to comment the same command.`,
  }),
  access_denied: ({ login, operation, dirspaces, allowed, branch, unreadable }) => ({
    title: "Denied by an access policy",
    cause:
      `${literal(login)} may not ${DOING[operation]} ${names(dirspaces)}. ${whoMay(allowed, branch)}` +
      unreadableText(unreadable),
    next: ask(allowed, `comment \`terrane ${operation}\``, `\`${KEYS[operation]}\``, branch),
  }),
  no_policy_matches: ({ operation, dirspaces, branch }) => ({
    title: "No access policy matches",
    cause: `No matching policy: no entry of \`access_control.policies\` on ${literal(branch)} speaks about ${names(dirspaces)}, so nobody may ${DOING[operation]} ${dirspaces.length === 1 ? "it" : "them"}.`,
    next: `Add a policy on ${literal(branch)} whose \`tag_query\` matches; an empty one matches everything.`,
  }),
  file_guarded: (reason) => guardedText(reason),
  unlock_denied: ({ login, allowed, branch, unreadable }) => ({
    title: "Denied by the access control",
    cause: `${literal(login)} may not unlock. ${whoMay(allowed, branch)}${unreadableText(unreadable)}`,
    next: ask(allowed, "comment `terrane unlock`", "`access_control.unlock`", branch),
  }),
  access_control_off: ({ operation }) => ({
    title: "Only an access policy can allow this",
    cause: `\`terrane ${operation}\` steps over what protects an apply, and \`access_control\` is switched off, so no rule says who may.`,
    next: `Set \`access_control.enabled: true\` on the default branch and name people in \`${KEYS[operation]}\` of a policy. \`terrane apply\` works as usual.`,
  }),
};

const DOING: Readonly<Record<AccessOperation, string>> = {
  plan: "plan",
  apply: "apply",
  "apply-force": "apply by force",
  "apply-autoapprove": "apply without a reviewed plan",
};

/** As in the configuration. */
const KEYS: Readonly<Record<AccessOperation, string>> = {
  plan: "plan",
  apply: "apply",
  "apply-force": "apply_force",
  "apply-autoapprove": "apply_autoapprove",
};

const GUARDS = {
  config: { title: "The configuration was changed", key: "terrateam_config_update" },
  ci: { title: "The CI workflow was changed", key: "ci_config_update" },
  file: { title: "A guarded file was changed", key: "files" },
} as const;

function guardedText(reason: Extract<Reason, { code: "file_guarded" }>): RefusalText {
  const { login, what, path, allowed, branch, unreadable } = reason;
  const { title, key } = GUARDS[what];
  return {
    title,
    cause:
      `The pull request changes ${literal(path)}, and ${literal(login)} may not plan or apply that. ` +
      `${whoMay(allowed, branch)}${unreadableText(unreadable)}`,
    next: ask(allowed, "comment the same command", `\`access_control.${key}\``, branch),
  };
}

function whoMay(allowed: readonly string[], branch: string): string {
  const rules = `by the rules on ${literal(branch)}`;
  if (allowed.length === 0) return `Nobody may, ${rules}.`;
  return `Allowed ${allowed.length === 1 ? "is" : "are"} ${literals(allowed)}, ${rules}.`;
}

function ask(allowed: readonly string[], what: string, key: string, branch: string): string {
  const change = `${key} on ${literal(branch)}`;
  if (allowed.length === 0) return `Name somebody in ${change}.`;
  return `Ask one of them to ${what}, or change ${change}.`;
}

/** Why somebody who may be meant did not count. */
export function unreadableText(unreadable: readonly string[]): string {
  if (unreadable.length === 0) return "";
  return ` ${sentence(
    enumerate(
      unreadable.map((one) => one.replaceAll("`", "'")),
      3,
    ),
  )}`;
}
