import type { DirspaceKey } from "../change/dirspace.ts";
import type { AccessPolicy } from "../config/access-control.ts";
import type { Match } from "../config/match.ts";
import type { Question } from "../fact.ts";
import { approversOf } from "../pull-request.ts";
import { matches } from "../query/match.ts";
import type { AccessOperation, Reason } from "../reason.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import { type Asking, rulesFrom } from "./asking.ts";
import { judgeGuards } from "./guards.ts";
import { either, matchesAny, questionsOf, termText, unreadableOf, type Verdict } from "./terms.ts";

export type Access =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  /** Nothing may be done; every cause at once. */
  | { readonly kind: "denied"; readonly refusals: readonly Reason[] }
  | {
      readonly kind: "permitted";
      readonly dirspaces: ReadonlySet<DirspaceKey>;
      /** Why the others are left out. */
      readonly leftOut: readonly Reason[];
    };

/**
 * Who may do it to which of these dirspaces, by the access control of the configuration. It narrows what the VCS's
 * own permission allows and never widens it. What cannot be found out is a no.
 */
export function judgeAccess(
  asking: Asking,
  operation: AccessOperation,
  states: readonly DirspaceState[],
  snapshot: Snapshot,
): Access {
  const access = asking.config.accessControl;
  if (!access.enabled) return withoutRules(operation, states);
  const guarded = judgeGuards(asking, snapshot);
  if (guarded.kind === "ask") return guarded;

  const judged = states.map((state) => {
    const policy = policyOf(asking, state);
    return { key: state.key, policy, verdict: policyVerdict(asking, operation, policy) };
  });
  const questions = questionsOf(judged.map((one) => one.verdict));
  if (questions.length > 0) return { kind: "ask", questions };
  const permitted = judged.filter(({ verdict }) => verdict.kind === "yes").map(({ key }) => key);
  const denials = denialsOf(asking, operation, judged);
  const all =
    operation === "plan"
      ? access.planRequireAllDirspaceAccess
      : access.applyRequireAllDirspaceAccess;
  const isRefused = denials.length > 0 && (all || permitted.length === 0);
  if (guarded.refusals.length > 0 || isRefused) {
    return { kind: "denied", refusals: [...guarded.refusals, ...denials] };
  }
  return { kind: "permitted", dirspaces: new Set(permitted), leftOut: denials };
}

/** Without access control the VCS's permission decides; what steps over reviews needs a rule that says who may. */
function withoutRules(operation: AccessOperation, states: readonly DirspaceState[]): Access {
  if (operation === "plan" || operation === "apply") {
    const dirspaces = new Set(states.map((state) => state.key));
    return { kind: "permitted", dirspaces, leftOut: [] };
  }
  return { kind: "denied", refusals: [{ code: "access_control_off", operation }] };
}

/** The first whose query matches. */
function policyOf({ config }: Asking, state: DirspaceState): AccessPolicy | undefined {
  const subject = { tags: new Set(state.affected?.tags ?? []), dir: state.dirspace.dir as string };
  return config.accessControl.policies.find((policy) => matches(policy.tagQuery, subject));
}

function policyVerdict(
  { view, who, facts }: Asking,
  operation: AccessOperation,
  policy: AccessPolicy | undefined,
): Verdict {
  if (policy === undefined) return { kind: "no", unreadable: [] };
  const listed = matchesAny(who, listFor(policy, operation), facts);
  if (operation !== "apply" || listed.kind === "yes") return listed;
  const mayWith = matchesAny(who, policy.applyWithSuperapproval, facts);
  // Who approved matters only to those who may apply with that.
  if (mayWith.kind !== "yes") {
    const all = [listed, mayWith];
    // Being allowed to apply with an approval is not yet being allowed to apply.
    return questionsOf(all).length > 0
      ? either(all)
      : { kind: "no", unreadable: unreadableOf(all) };
  }
  const approved = approversOf(view).map((one) => matchesAny(one, policy.superapproval, facts));
  return either([listed, ...approved]);
}

function listFor(policy: AccessPolicy, operation: AccessOperation): readonly Match[] {
  switch (operation) {
    case "plan":
      return policy.plan;
    case "apply":
      return policy.apply;
    case "apply-force":
      return policy.applyForce;
    case "apply-autoapprove":
      return policy.applyAutoapprove;
  }
}

interface JudgedDirspace {
  readonly key: DirspaceKey;
  readonly policy: AccessPolicy | undefined;
  readonly verdict: Verdict;
}

/** One reason for each policy that denied, with all of its dirspaces. */
function denialsOf(
  { config, view, who }: Asking,
  operation: AccessOperation,
  judged: readonly JudgedDirspace[],
): readonly Reason[] {
  const branch = rulesFrom(config, view);
  const byPolicy = new Map<AccessPolicy | undefined, JudgedDirspace[]>();
  for (const one of judged) {
    if (one.verdict.kind === "yes") continue;
    byPolicy.set(one.policy, [...(byPolicy.get(one.policy) ?? []), one]);
  }
  return [...byPolicy].map(([policy, denied]): Reason => {
    const dirspaces = denied.map((one) => one.key);
    if (policy === undefined) return { code: "no_policy_matches", operation, dirspaces, branch };
    const unreadable = unreadableOf(denied.map((one) => one.verdict));
    const allowed = allowedText(policy, operation);
    const { login } = who;
    return { code: "access_denied", login, operation, dirspaces, allowed, branch, unreadable };
  });
}

function allowedText(policy: AccessPolicy, operation: AccessOperation): readonly string[] {
  const listed = listFor(policy, operation).map(termText);
  if (operation !== "apply" || policy.superapproval.length === 0) return listed;
  const by = policy.superapproval.map(termText).join(" or ");
  const once = policy.applyWithSuperapproval.map((term) => `${termText(term)} once ${by} approved`);
  return [...listed, ...once];
}
