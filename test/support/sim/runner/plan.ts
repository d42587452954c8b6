import type { NewUnit } from "../../../../src/core/decision.ts";
import type { RaisedGate, UnitReport } from "../../../../src/core/run/report.ts";
import type { PlanGhost } from "../ghost.ts";
import { codeAt } from "../vcs/commits.ts";
import { RESULT_BUDGET_MS } from "./client.ts";
import { asksInSteps, found } from "./gates.ts";
import { failed, type JobState, nap } from "./job-state.ts";
import { between } from "./meddle.ts";

const NO_COUNTS = {
  create: 0,
  update: 0,
  replace: 0,
  delete: 0,
  import: 0,
  move: 0,
  forget: 0,
  outputs: 0,
};

/** Reads code and infrastructure, and stores what would be changed. */
export async function planUnit(state: JobState, unit: NewUnit): Promise<UnitReport> {
  const { bench, run, client } = state;
  await nap(state, 8_000);
  if (state.stopped !== undefined) return failed(state.stopped);
  const wants = codeOf(state, unit);
  const { content, serial } = bench.ghost.infrastructure(unit.dirspace);
  await between(state, unit, "planning");
  await nap(state, 4_000);
  if (bench.faults.strikes("F5", 0.05)) return failed("the provider is away");
  const changed = wants !== content;
  if (!changed) {
    bench.ghost.unchanged.add(`${run.pullRequest.number} ${run.headSha} ${unit.dirspace}`);
    return planned(false, undefined, []);
  }
  const gates = asksInSteps(unit) ? found(bench.rng) : [];
  // What was cut off may not have asked for everything.
  if (state.stopped !== undefined) return failed(state.stopped);
  const digest = `${bench.rng.uint32().toString(16).padStart(8, "0")}${unit.dirspace}`;
  const plan: PlanGhost = {
    digest,
    runId: run.runId,
    dirspace: unit.dirspace,
    number: run.pullRequest.number,
    headSha: run.headSha,
    baseSha: run.baseSha,
    wants,
    serial,
    gates,
  };
  bench.ghost.plans.set(digest, plan);
  const put = await client.session("putPlan", RESULT_BUDGET_MS, (engine, session) =>
    engine.runner.putPlan(session, digest, Buffer.from(digest)),
  );
  if (put.kind !== "ok") return failed("the plan could not be stored");
  return planned(true, digest, gates);
}

/** What the directory holds in what the run checks out. */
function codeOf({ bench, run }: JobState, unit: NewUnit): string {
  const { commits } = bench.forge;
  const files =
    run.checkout === "base"
      ? commits.filesAt(run.baseSha)
      : commits.merged(run.baseSha, run.headSha).files;
  return codeAt(files, unit.affected.dirspace.dir);
}

function planned(
  changed: boolean,
  planDigest: string | undefined,
  gates: readonly RaisedGate[],
): UnitReport {
  const counts = { ...NO_COUNTS, update: changed ? 1 : 0 };
  return { outcome: "planned", changed, planDigest, counts, changes: [], text: "", gates };
}
