import type { NewUnit } from "../../../../src/core/decision.ts";
import type { PullRequestView } from "../../../../src/core/pull-request.ts";
import type { UnitReport } from "../../../../src/core/run/report.ts";
import type { Engine } from "../../../../src/engine/engine.ts";
import type { VcsResult } from "../../../../src/ports/vcs.ts";
import type { ApplyGhost } from "../ghost.ts";
import { CALL_BUDGET_MS, type Reply, RunnerClient } from "./client.ts";
import { failed, type JobState, nap } from "./job-state.ts";
import { asksTwice, between, offeredInstead } from "./meddle.ts";

type GrantOutcome = Exclude<
  Awaited<ReturnType<Engine["runner"]["grant"]>>,
  { readonly kind: "unavailable" }
>;

/** Fetches the reviewed plan, takes the permission, and changes infrastructure. */
export async function applyUnit(state: JobState, unit: NewUnit): Promise<UnitReport> {
  const { client } = state;
  await nap(state, 3_000);
  const digest = unit.plan?.digest ?? "";
  const got = await client.session("plan", CALL_BUDGET_MS, async (engine, session) =>
    Buffer.from((await engine.runner.plan(session, unit.dirspace, digest)) ?? []).toString(),
  );
  if (got.kind !== "ok" || got.value === "") return failed("the plan could not be read");
  if (state.stopped !== undefined) return { outcome: "not_started", because: state.stopped };
  await between(state, unit, "granting");
  const offered = offeredInstead(state, unit, digest);
  const granted = await ask(state, unit, offered);
  if (granted.kind !== "ok") return failed("no permission could be had");
  if (granted.value.kind === "refused") {
    return { outcome: "not_started", because: granted.value.message };
  }
  if (asksTwice(state)) void ask(state, unit, offered);
  await between(state, unit, "granted");
  const bytes = offered === digest ? got.value : offered;
  return change(state, unit, { fence: granted.value.fence, bytes });
}

/** What was given is noted where it was given, whether the runner hears of it or not. */
function ask(state: JobState, unit: NewUnit, digest: string): Promise<Reply<GrantOutcome>> {
  const { bench, client } = state;
  const { sim, ghost } = bench;
  const askedAt = sim.now;
  return client.session("grant", CALL_BUDGET_MS, async (engine, session) => {
    const flow = sim.current;
    const outcome = await engine.runner.grant(session, unit.dirspace, digest);
    if (outcome.kind === "unavailable") return RunnerClient.busy();
    if (outcome.kind === "refused") {
      const { code, message } = outcome;
      ghost.refused.push({ runId: state.run.runId, dirspace: unit.dirspace, code, message });
      // A refusal writes nothing, and it is asked about now, before locks come and go.
      ghost.changes += 1;
    }
    if (outcome.kind === "granted") {
      // Of this pull request: who waits for the same slot as another flow goes on as if it were that one.
      const number = ghost.plans.get(digest)?.number;
      const read = flow?.reads.get(`vcs.pullRequest ${number}`) as
        | VcsResult<PullRequestView>
        | undefined;
      const right = flow?.reads.get("vcs.permission") as VcsResult<string> | undefined;
      ghost.grants.push({
        dirspace: unit.dirspace,
        runId: state.run.runId,
        attempt: state.run.attempt,
        ciRun: bench.job.id,
        fence: outcome.fence,
        digest,
        served: read?.kind === "ok" ? read.value : undefined,
        permission: right?.kind === "ok" ? right.value : undefined,
        askedAt: flow?.startedAt ?? askedAt,
        at: sim.now,
      });
    }
    return outcome;
  });
}

async function change(
  state: JobState,
  unit: NewUnit,
  { fence, bytes }: { readonly fence: number; readonly bytes: string },
): Promise<UnitReport> {
  const { bench, run } = state;
  const { sim, ghost, faults, job } = bench;
  const apply: ApplyGhost = {
    dirspace: unit.dirspace,
    runId: run.runId,
    attempt: run.attempt,
    ciRun: job.id,
    fence,
    plan: ghost.plans.get(bytes),
    bytes,
    serialBefore: ghost.infrastructure(unit.dirspace).serial,
    startedAt: sim.now,
    end: "running",
  };
  ghost.begin(apply);
  state.applying += 1;
  await between(state, unit, "applying");
  await nap(state, bench.theme.applyMs / 2);
  const went = state.stopped !== undefined || faults.strikes("F5", 0.1) ? "failed" : "applied";
  ghost.finish(apply, went);
  state.applying -= 1;
  await between(state, unit, "reporting");
  await nap(state, 500);
  if (went === "failed") return failed(state.stopped ?? "the provider is away", fence);
  return { outcome: "applied", fence, outputs: [], text: "" };
}
