import { type Facts, factOf, type Question } from "../fact.ts";
import { allows } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { type Asking, rulesFrom } from "./asking.ts";
import { matchesAny, termText } from "./terms.ts";

export type UnlockAccess =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "denied"; readonly refusals: readonly Reason[] }
  | { readonly kind: "permitted" };

/** `unlock` concerns the pull request as a whole: one list, and no policy. */
export function judgeUnlock(asking: Asking): UnlockAccess {
  const { config, view, who, facts } = asking;
  const { enabled, unlock } = config.accessControl;
  if (!enabled) return { kind: "permitted" };
  const verdict = matchesAny(who, unlock, facts);
  switch (verdict.kind) {
    case "ask":
      return verdict;
    case "yes":
      return { kind: "permitted" };
    case "no": {
      const allowed = unlock.map(termText);
      const branch = rulesFrom(config, view);
      const { unreadable } = verdict;
      const { login } = who;
      const refusals = [{ code: "unlock_denied", login, allowed, branch, unreadable }] as const;
      return { kind: "denied", refusals };
    }
  }
}

/**
 * Break-glass (S3, S4): administrators of the repository, and whomever `access_control.unlock` names on purpose. A
 * list that names everybody was not written for this.
 */
export function judgeForceUnlock(asking: Asking): UnlockAccess {
  const { config, view, who, facts } = asking;
  const has = permissionOf(facts, asking);
  if (has === undefined) {
    return { kind: "ask", questions: [{ kind: "permission", account: who.id }] };
  }
  if (allows(has, "admin")) return { kind: "permitted" };
  const { enabled, unlock } = config.accessControl;
  const named = enabled ? unlock.filter((term) => term.kind !== "anyone") : [];
  const verdict = matchesAny(who, named, facts);
  if (verdict.kind === "ask") return verdict;
  if (verdict.kind === "yes") return { kind: "permitted" };
  const { login } = who;
  const allowed = named.map(termText);
  const branch = rulesFrom(config, view);
  const { unreadable } = verdict;
  const refusal = { code: "force_unlock_denied", login, has, allowed, branch, unreadable } as const;
  return { kind: "denied", refusals: [refusal] };
}

function permissionOf(facts: Facts, { who }: Asking) {
  return factOf(facts, { kind: "permission", account: who.id })?.permission;
}
