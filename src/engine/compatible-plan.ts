import type { DirspaceKey } from "../core/change/dirspace.ts";
import { hasEnded } from "../core/run/work.ts";
import type { Session, WorkRow } from "../ports/runner-store.ts";
import { digestOf, openPlan, type PlanPlace, sealPlan } from "./compatible-seal.ts";
import type { EnginePorts } from "./ports.ts";
import type { RunnerDoor } from "./runner-door.ts";

export interface Refusal {
  readonly kind: "refused";
  readonly status: 403 | 404 | 409;
  readonly code: string;
  readonly message: string;
}

export type PlanStored = { readonly kind: "stored" } | Refusal;

export type PlanFetched =
  | { readonly kind: "plan"; readonly bytes: Uint8Array }
  | { readonly kind: "unavailable"; readonly message: string }
  | Refusal;

/** Existing runners send plans as they are: the server seals them before they are stored. The first one of a unit stays. */
export async function storePlan(
  ports: EnginePorts,
  session: Session,
  unit: DirspaceKey,
  plan: { readonly bytes: Uint8Array; readonly changed: boolean },
): Promise<PlanStored> {
  const { runId, kind } = session.run;
  if (session.over) return refused(403, "RUN_OVER", "The run has ended.");
  if (kind !== "plan") return refused(409, "NO_PLAN_RUN", "Only a run that plans stores plans.");
  const work = await ports.runners.work(runId, unit);
  if (work === undefined) return unknownUnit(unit);
  await ports.runners.heartbeat(session.attempt, [unit]);
  const digest = digestOf(plan.bytes);
  const noted = await ports.runners.notePlan(runId, unit, { digest, changed: plan.changed });
  if (noted === "conflict") {
    return refused(409, "PLAN_CONFLICT", `This run has stored another plan of ${unit} already.`);
  }
  const sealed = sealPlan(plan.bytes, keyOf(ports, session), placeOf(session, unit, digest));
  if (!(await ports.runners.putPlan(runId, digest, sealed))) {
    return refused(409, "TOO_MANY_PLANS", "This job has stored more plans than it can need.");
  }
  return { kind: "stored" };
}

/**
 * Fetching its plan is the last thing before such a runner applies it, so the permission is taken here. Asked again
 * before the apply has ended, the same job gets the same plan: its first answer may have been lost.
 */
export async function fetchPlan(
  ports: EnginePorts,
  door: RunnerDoor,
  session: Session,
  unit: DirspaceKey,
): Promise<PlanFetched> {
  if (session.over) return refused(403, "RUN_OVER", "The run has ended.");
  if (session.run.kind !== "apply") {
    return refused(409, "NO_APPLY_RUN", "Only a run that applies fetches plans.");
  }
  const work = await ports.runners.work(session.run.runId, unit);
  if (work === undefined) return unknownUnit(unit);
  if (hasEnded(work.state)) {
    return refused(409, "UNIT_ENDED", `The part of ${unit} in this run has ended.`);
  }
  const plan = await openedPlan(ports, session, work);
  if (plan.kind !== "plan") return await endRefused(ports, session, work, plan);
  const mayGo = !session.cancelRequested;
  if (mayGo && (work.state === "granted" || work.state === "unknown")) return plan;
  await ports.runners.heartbeat(session.attempt, [unit]);
  const granted = await door.grant(session, unit, work.planDigest ?? "");
  switch (granted.kind) {
    case "granted":
      return plan;
    case "unavailable":
      return granted;
    case "refused":
      return await endRefused(ports, session, work, {
        ...granted,
        status: 409,
      });
  }
}

async function openedPlan(
  ports: EnginePorts,
  session: Session,
  { dirspace: unit, planDigest: digest }: WorkRow,
): Promise<Extract<PlanFetched, { kind: "plan" }> | Refusal> {
  const sealed =
    digest === undefined ? undefined : await ports.runners.plan(session.run.runId, unit, digest);
  if (digest === undefined || sealed === undefined) {
    return refused(404, "NO_PLAN", `There is no stored plan of ${unit}. Plan it again.`);
  }
  const bytes = openPlan(sealed, keyOf(ports, session), placeOf(session, unit, digest));
  if (bytes !== undefined) return { kind: "plan", bytes };
  return refused(
    409,
    "SEAL_BROKEN",
    `The stored plan of ${unit} was sealed by another runner or for another place, or its bytes were changed. Plan it again.`,
  );
}

/** The runner tells people nothing of why it got no plan, so that is recorded here. */
async function endRefused(
  ports: EnginePorts,
  session: Session,
  work: WorkRow,
  refusal: Refusal,
): Promise<Refusal> {
  if (work.fence === undefined) {
    const report = { outcome: "not_started", because: refusal.message } as const;
    await ports.runners.report(session.run.runId, work.dirspace, report, undefined);
  }
  return refusal;
}

function keyOf(ports: EnginePorts, { run }: Session): Uint8Array {
  const { repository, number } = run.pullRequest;
  return ports.secrets.deriveKey(`compatible-plan:${repository.id}:${number}`);
}

function placeOf({ run }: Session, unit: DirspaceKey, digest: string): PlanPlace {
  return { repository: run.pullRequest.repository.id, unit, headSha: run.headSha, digest };
}

function unknownUnit(unit: DirspaceKey): Refusal {
  return refused(404, "UNKNOWN_UNIT", `This run has no unit ${unit}.`);
}

function refused(status: Refusal["status"], code: string, message: string): Refusal {
  return { kind: "refused", status, code, message };
}
