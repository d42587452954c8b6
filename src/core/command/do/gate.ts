import type { Draft } from "../../draft.ts";
import type { Facts } from "../../fact.ts";
import { GATE_APPROVALS_MAX, standingGates } from "../../policy/gate.ts";
import type { Reason } from "../../reason.ts";
import { settle } from "../../settle/settle.ts";
import { type Answered, type Given, refuse } from "./answer.ts";
import { unseenPlans } from "./unseen-plans.ts";

/**
 * `gate approve`: notes that this person lets the gates with these tokens pass, for this commit. Whether they are one
 * of those who may is judged with the apply, as the roles and teams are then.
 */
export function doApproveGates(
  draft: Draft,
  facts: Facts,
  tokens: readonly string[],
  given: Given,
): Answered {
  const settled = settle(draft, facts);
  if (settled.kind === "ask" || settled.kind === "hold") return settled;
  if (settled.kind === "stopped") return refuse(...settled.reasons);
  const { view } = settled.inputs;
  const { actor } = given;
  if (actor.id === view.author.id) return refuse({ code: "gate_own", login: actor.login });
  // What the plan of an older commit asked for was not asked about this one.
  const planned = draft.now().dirspaces.filter(({ plan }) => plan?.headSha === view.headSha);
  const standing = standingGates(planned).filter(({ gate }) => gate.token !== null);
  const known = [...new Set(standing.flatMap(({ gate }) => gate.token ?? []))];
  const unknown = tokens.filter((token) => !known.includes(token));
  if (unknown.length > 0) return refuse({ code: "gate_unknown", tokens: unknown, known });
  const asking = standing.filter(({ gate }) => tokens.includes(gate.token ?? ""));
  const dirspaces = [...new Set(asking.flatMap((one) => one.dirspaces))];
  const unseen = unseenPlans(
    planned.filter(({ key }) => dirspaces.includes(key)),
    given.writtenAt,
  );
  if (unseen.length > 0) return refuse(...unseen);
  const kept = draft
    .now()
    .pullRequest.gateApprovals.filter(({ headSha }) => headSha === view.headSha);
  const added = tokens
    .filter((token) => !kept.some((one) => one.token === token && one.by.id === actor.id))
    .map((token) => ({ token, headSha: view.headSha, by: actor }));
  const approvals = [...kept, ...added];
  if (approvals.length > GATE_APPROVALS_MAX) return refuse({ code: "gate_crowded" });
  draft.write({ kind: "set_gate_approvals", approvals });
  const reason: Reason = {
    code: "gate_approved",
    login: actor.login,
    tokens,
    dirspaces,
  };
  return { kind: "answered", outcome: "accepted", reasons: [reason] };
}
