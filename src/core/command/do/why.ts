import { unreachable } from "../../../base/unreachable.ts";
import { dirspaceKey } from "../../change/dirspace.ts";
import type { Draft } from "../../draft.ts";
import { type Explained, explainDirspaces, reasonShown } from "../../explain/explain.ts";
import { requirementsNow } from "../../explain/requirements-now.ts";
import type { Facts } from "../../fact.ts";
import { type Prepared, prepare } from "../../inputs.ts";
import type { Reason } from "../../reason.ts";
import { lastReading } from "../../settle/read-code.ts";
import type { Snapshot } from "../../snapshot.ts";
import { type Answered, refuse } from "./answer.ts";

/** The comment says the first few; all of it is in the dashboard. */
const SHOWN_MAX = 20;

/** `why`: changes nothing, so anybody who may read may ask. */
export function doWhy(draft: Draft, facts: Facts, target: string | undefined): Answered {
  const before = draft.now();
  const prepared = prepare(before, facts);
  if (prepared.kind === "ask") return prepared;
  const stopped = saidBy(prepared, before);
  const { view, book } = prepared.kind === "ready" ? prepared.inputs : prepared;
  if (book !== undefined) draft.consult(book);
  const snapshot = { ...before, pullRequest: { ...before.pullRequest, view } };
  const requirements =
    book === undefined || view === undefined
      ? undefined
      : requirementsNow(book, view, facts, snapshot);
  const all = explainDirspaces({ snapshot, said: stopped, requirements });
  const asked = target === undefined ? all.filter(isShown) : all.filter(isMeant(target));
  if (asked.length > 0) {
    const reasons = asked.slice(0, SHOWN_MAX).map(reasonShown);
    return { kind: "answered", outcome: "information", reasons };
  }
  if (stopped.length > 0) return { kind: "answered", outcome: "information", reasons: stopped };
  const affected = prepared.kind === "ready" ? prepared.inputs.affected : [];
  if (target !== undefined && affected.length > 0) {
    const available = affected.map(({ dirspace }) => dirspaceKey(dirspace));
    return refuse({ code: "why_unknown", target, available });
  }
  const deletedDirs = prepared.kind === "ready" ? prepared.inputs.deletedDirs : [];
  return {
    kind: "answered",
    outcome: "information",
    reasons: [{ code: "nothing_affected", deletedDirs }],
  };
}

/** Why nothing can be planned now. */
function saidBy(
  prepared: Exclude<Prepared, { kind: "ask" }>,
  snapshot: Snapshot,
): readonly Reason[] {
  switch (prepared.kind) {
    case "ready":
      return [];
    case "stopped":
      return prepared.reasons;
    case "unread": {
      const reason = lastReading(snapshot.runs, prepared.view.headSha, prepared.wanted.what);
      return reason === undefined ? [] : [reason];
    }
    default:
      return unreachable(prepared);
  }
}

function isShown({ affected, phase }: Explained): boolean {
  return affected !== undefined || phase !== "unplanned";
}

function isMeant(target: string): (one: Explained) => boolean {
  return ({ key, dirspace }) => key === target || dirspace.dir === target;
}
