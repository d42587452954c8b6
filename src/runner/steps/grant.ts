import { writeFile } from "node:fs/promises";
import { sealKey, unseal } from "../seal.ts";
import { fetchSealed } from "../storage/plan-storage.ts";
import { failureOf } from "../text.ts";
import { OK, type StepEnd, type UnitState } from "../unit-state.ts";

/**
 * Asks once for the permission to apply this unit now, then fetches, opens and checks exactly the plan
 * that was reviewed (S5, S12). Taken before the first step that may change something, not earlier: a
 * grant that waits for a download keeps others out.
 */
export async function takeGrant(state: UnitState): Promise<StepEnd> {
  if (state.planOpened) return OK;
  const end = state.fence === undefined ? await take(state) : failed("grant", NOT_OPENED);
  // It counts also where the step that asked for it has its errors ignored or gated: those are of its own command.
  if (end.kind === "failed") state.failure ??= end.failure;
  return end;
}

const NOT_OPENED =
  "The apply was granted, but its plan could not be opened. Nothing was applied. Plan again, review, and apply.";

async function take(state: UnitState): Promise<StepEnd> {
  const { job, unit, output } = state;
  const digest = unit.planDigest;
  const autoApprove = job.work.autoApprove === true;
  if ((digest === null) !== autoApprove) {
    return { kind: "not_started", because: "There is no reviewed plan for this dirspace." };
  }
  const { dir, workspace } = unit;
  const reply = await job.client.grant({ unit: { dir, workspace }, planDigest: digest });
  if (reply.kind !== "ok") {
    const message = `The permission to apply could not be asked for: ${reply.message} Nothing was applied.`;
    return failed("grant", message);
  }
  const grant = reply.value;
  if (grant.kind === "refused") return { kind: "not_started", because: grant.message };
  state.fence = grant.fence;
  await output.say(`The apply is granted (fence ${grant.fence}).`);
  if (digest === null) {
    // No plan was reviewed, and somebody may have it applied all the same.
    state.planOpened = true;
    return OK;
  }
  const sealed = await job.client.getPlan(digest);
  if (sealed.kind !== "ok") {
    return failed(
      "seal",
      `The stored plan could not be fetched: ${sealed.message} Nothing was applied.`,
    );
  }
  const fetched = await fetchSealed(state, sealed.value);
  if (fetched.kind === "failed") {
    const { failure } = fetched;
    const message = `The stored plan could not be fetched: ${failure.message} Nothing was applied.`;
    return { kind: "failed", failure: failureOf(failure.step, message, failure) };
  }
  const key = job.ownSealKey ?? sealKey(grant.sealKey);
  if (key === undefined)
    return failed("seal", "The key of the stored plan is not 32 bytes in base64.");
  const opened = unseal(fetched.bytes, key, {
    repository: job.work.repository.fullName,
    dir,
    workspace,
    headSha: job.work.reviewedSha,
    digest,
  });
  if (opened.kind === "refused") {
    return failed("seal", `${opened.because} Nothing was applied. Plan again, review, and apply.`);
  }
  job.masker.addAll(opened.content.secrets);
  await writeFile(state.planFile, opened.content.plan, { mode: 0o600 });
  state.planOpened = true;
  return OK;
}

function failed(step: string, message: string): Extract<StepEnd, { kind: "failed" }> {
  return { kind: "failed", failure: failureOf(step, message) };
}
