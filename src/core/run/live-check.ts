import type { DirspaceKey } from "../change/dirspace.ts";
import { configFor } from "../configured.ts";
import type { Facts, Question } from "../fact.ts";
import type { RunId } from "../ids.ts";
import { viewOf } from "../inputs.ts";
import { judgeAccess } from "../policy/access.ts";
import { judgeRequirements } from "../policy/apply-requirements.ts";
import { judgeFork } from "../policy/fork-trust.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { AccessOperation, Reason } from "../reason.ts";
import { withPlaces } from "../rule/rules-of-reason.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Run } from "./run.ts";

export type LiveCheck =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "refused"; readonly reasons: readonly Reason[] }
  | {
      readonly kind: "passed";
      readonly view: PullRequestView;
      readonly approvedBy: readonly string[];
      readonly forced: boolean;
      readonly autoApproved: boolean;
    };

/**
 * S14: access, approvals and requirements are judged once more at the moment of the apply, from what the VCS says
 * then. An approval that was withdrawn since the command, or a person who left the team, stops what has not begun.
 */
export function checkLive(
  snapshot: Snapshot,
  { runId, unit }: { readonly runId: RunId; readonly unit: DirspaceKey },
  facts: Facts,
): LiveCheck {
  const { unserved } = snapshot.pullRequest;
  if (unserved !== undefined)
    return { kind: "refused", reasons: [{ code: "not_served", ...unserved }] };
  const view = viewOf(facts);
  if (view === "unasked") return { kind: "ask", questions: [{ kind: "pull_request" }] };
  if (view === undefined) return { kind: "refused", reasons: [{ code: "pull_request_gone" }] };
  const fork = judgeFork(view, facts);
  if (fork.kind === "ask") return fork;
  if (fork.kind === "untrusted") return { kind: "refused", reasons: [fork.reason] };
  const configured = configFor(view, facts);
  if (configured.kind === "ask") return configured;
  if (configured.kind === "stopped") return { kind: "refused", reasons: configured.reasons };
  const states = snapshot.dirspaces.filter((state) => state.key === unit);
  const run = snapshot.runs.find((one) => one.id === runId);
  if (run === undefined) return { kind: "refused", reasons: [{ code: "event_outdated" }] };
  const { config } = configured.effective;
  // What nobody asked for is done in the name of the author.
  const asking = { config, view, who: run.actor ?? view.author, facts };
  const access = judgeAccess(asking, operationOf(run), states, snapshot);
  if (access.kind === "ask") return access;
  const judged = judgeRequirements(
    { config, view, facts, gateApprovals: snapshot.pullRequest.gateApprovals },
    run.forced ? [] : states,
  );
  if (judged.kind === "ask") return judged;
  const reasons = [...(access.kind === "denied" ? access.refusals : []), ...judged.refusals]
    // The head and the base that were planned are compared anyway, and the runner merges them by itself.
    .filter((reason) => reason.code !== "mergeability_unknown");
  if (reasons.length > 0) {
    const ruled = reasons.map((reason) => withPlaces(reason, configured.effective, snapshot));
    return { kind: "refused", reasons: ruled };
  }
  const { approvedBy } = judged;
  const autoApproved = run.autoApprove === true;
  return { kind: "passed", view, approvedBy, forced: run.forced, autoApproved };
}

function operationOf({ forced, autoApprove }: Run): AccessOperation {
  if (autoApprove === true) return "apply-autoapprove";
  return forced ? "apply-force" : "apply";
}
