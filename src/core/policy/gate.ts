import { compareText, type DirspaceKey } from "../change/dirspace.ts";
import { type Match, parseMatch } from "../config/match.ts";
import type { Facts } from "../fact.ts";
import type { Account, AccountId, CommitSha } from "../ids.ts";
import { approversOf, type PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import type { RaisedGate } from "../run/report.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import { judgeApproval } from "./approval.ts";
import type { Judged } from "./judged.ts";

/** Somebody let the gates with this token pass, for one commit. */
export interface GateApproval {
  readonly token: string;
  readonly headSha: CommitSha;
  readonly by: Account;
}

/** More approvals of one pull request are not kept; a gate wants a handful. */
export const GATE_APPROVALS_MAX = 200;

/** A gate of one pull request with everybody it keeps. */
export interface StandingGate {
  readonly gate: RaisedGate;
  readonly dirspaces: readonly DirspaceKey[];
}

/** The gates that the current plans of these dirspaces raised; the same gate of several is one. */
export function standingGates(states: readonly DirspaceState[]): readonly StandingGate[] {
  const found = new Map<string, { gate: RaisedGate; dirspaces: DirspaceKey[] }>();
  for (const { key, plan } of states) {
    for (const gate of plan?.gates ?? []) {
      const id = JSON.stringify(gate);
      const known = found.get(id) ?? { gate, dirspaces: [] as DirspaceKey[] };
      if (!known.dirspaces.includes(key)) known.dirspaces.push(key);
      found.set(id, known);
    }
  }
  return [...found.values()].sort((a, b) => compareText(a.gate.token ?? "", b.gate.token ?? ""));
}

/**
 * Who counts for a gate: with a token whoever approved it for this commit, without one the reviewers of this commit.
 * Distinct people by id, and never the author.
 */
export function passersOf(
  gate: RaisedGate,
  view: PullRequestView,
  approvals: readonly GateApproval[],
): readonly Account[] {
  if (gate.token === null) return approversOf(view);
  const found = new Map<AccountId, Account>();
  for (const { token, headSha, by } of approvals) {
    if (token === gate.token && headSha === view.headSha && by.id !== view.author.id) {
      found.set(by.id, by);
    }
  }
  return [...found.values()];
}

/** What the gates of one dirspace's plan still want before its apply. */
export function judgeGates(
  state: DirspaceState,
  view: PullRequestView,
  approvals: Snapshot["pullRequest"]["gateApprovals"],
  facts: Facts,
): Judged {
  if (state.plan?.gatesUnasked === true) {
    const reason: Reason = { code: "gates_unasked", dirspaces: [state.key] };
    return { questions: [], refusals: [reason] };
  }
  const parts = (state.plan?.gates ?? []).map((gate) =>
    judgeGate(gate, state.key, passersOf(gate, view, approvals), facts),
  );
  return {
    questions: parts.flatMap(({ questions }) => questions),
    refusals: parts.flatMap(({ refusals }) => refusals),
  };
}

function judgeGate(
  gate: RaisedGate,
  key: DirspaceKey,
  passers: readonly Account[],
  facts: Facts,
): Judged {
  const { token, name } = gate;
  const allOf = parsed(gate.allOf);
  const anyOf = parsed(gate.anyOf);
  const broken = allOf.broken ?? anyOf.broken;
  if (broken !== undefined) {
    // A term that nobody can be is a gate that nobody passes: it is said, and not passed over.
    const reason: Reason = { code: "gate_unreadable", dirspaces: [key], token, name, ...broken };
    return { questions: [], refusals: [reason] };
  }
  const judged = judgeApproval(ruleOf(gate, allOf.terms, anyOf.terms), passers, key, facts);
  const refusals = judged.refusals.map((reason): Reason => {
    if (reason.code !== "not_approved") return reason;
    const { have, need, missing, unreadable } = reason;
    return { code: "gate_open", dirspaces: [key], token, name, have, need, missing, unreadable };
  });
  return { questions: judged.questions, refusals };
}

/** A gate that names nobody is passed by somebody who may write: it was raised to be looked at. */
function ruleOf({ anyOfCount }: RaisedGate, allOf: readonly Match[], anyOf: readonly Match[]) {
  const named = allOf.length > 0 || anyOf.length > 0;
  return {
    enabled: true,
    allOf,
    anyOf: named ? anyOf : [{ kind: "role", role: "write" } as const],
    // With people in `all_of` alone, they are enough.
    anyOfCount: anyOf.length === 0 && named ? 0 : Math.max(1, anyOfCount),
    requireCompletedReviews: false,
  };
}

function parsed(texts: readonly string[]): {
  readonly terms: readonly Match[];
  readonly broken?: { readonly term: string; readonly message: string };
} {
  const terms: Match[] = [];
  for (const text of texts) {
    const one = parseMatch(text);
    if (one.kind === "error") return { terms, broken: { term: text, message: one.message } };
    terms.push(one.match);
  }
  return { terms };
}
