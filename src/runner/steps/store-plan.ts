import { readFile, stat } from "node:fs/promises";
import { PLAN_BYTES_MAX } from "../../contract/work.ts";
import { planDigest, seal, sealKey } from "../seal.ts";
import { storeSealed } from "../storage/plan-storage.ts";
import { failureOf } from "../text.ts";
import type { StepEnd, UnitState } from "../unit-state.ts";

export type Stored =
  | { readonly kind: "ok"; readonly digest: string }
  | Extract<StepEnd, { kind: "failed" }>;

/** Room for the seal and for the plan's secrets inside it. */
const PLAN_FILE_BYTES_MAX = PLAN_BYTES_MAX - 1024 * 1024;

/** Seals the plan file and hands it to the server, which cannot read it without the run's key. */
export async function storePlan(state: UnitState, secrets: readonly string[]): Promise<Stored> {
  const { job, unit } = state;
  const facts = await stat(state.planFile);
  if (facts.size > PLAN_FILE_BYTES_MAX) {
    return failed(
      `The plan file has ${facts.size} bytes, more than can be stored. Split the module.`,
    );
  }
  const key = job.ownSealKey ?? sealKey(job.work.sealKey);
  if (key === undefined) return failed("The key for sealing the plan is not 32 bytes in base64.");
  const plan = await readFile(state.planFile);
  const digest = planDigest(plan, unit);
  const sealed = seal({ plan, secrets }, key, {
    repository: job.work.repository.fullName,
    dir: unit.dir,
    workspace: unit.workspace,
    headSha: job.work.reviewedSha,
    digest,
  });
  if (sealed.length > PLAN_BYTES_MAX) {
    return failed(
      `The sealed plan has ${sealed.length} bytes, more than can be stored. Split the module.`,
    );
  }
  const kept = await storeSealed(state, sealed);
  if (kept.kind === "failed") return kept;
  const reply = await job.client.putPlan(digest, kept.bytes);
  if (reply.kind === "ok") return { kind: "ok", digest };
  return failed(`The plan could not be stored on the server: ${reply.message}`);
}

function failed(message: string): Extract<StepEnd, { kind: "failed" }> {
  return { kind: "failed", failure: failureOf("seal", message) };
}
