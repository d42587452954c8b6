import type { DirspaceKey } from "../../../../src/core/change/dirspace.ts";
import type { NewUnit } from "../../../../src/core/decision.ts";
import type { RaisedGate, UnitReport } from "../../../../src/core/run/report.ts";
import { identityToken } from "../ci/sim-ci.ts";
import { flowOf } from "../link.ts";
import { applyUnit } from "./apply.ts";
import { CALL_BUDGET_MS, RESULT_BUDGET_MS, RunnerClient } from "./client.ts";
import { asksInHooks, found } from "./gates.ts";
import { type JobState, nap, type Workbench } from "./job-state.ts";
import { between } from "./meddle.ts";
import { planUnit } from "./plan.ts";

const BEAT_MS = 20_000;
/** The runner's own limit is ten minutes; a shorter one brings more of these endings into a short history. */
const CONTACT_LOST_MS = 5 * 60_000;

/** The runner's program, as `src/runner` has it, without processes and files. */
export async function runJob(bench: Workbench): Promise<"success" | "failure"> {
  const { sim, rng, link, job, machine } = bench;
  const client = new RunnerClient(sim, link, machine);
  const token = identityToken(job, `token-${rng.uint32()}`);
  const claimed = await client.call("claim", CALL_BUDGET_MS, async (engine) => {
    const outcome = await engine.runner.claim(job.attempt, token, "audience");
    return outcome.kind === "unavailable" ? RunnerClient.busy() : outcome;
  });
  if (claimed.kind !== "ok" || claimed.value.kind !== "claimed") return "failure";
  client.credential = claimed.value.credential;
  const state: JobState = {
    bench,
    client,
    run: claimed.value.run,
    running: new Set(),
    applying: 0,
    stopped: undefined,
  };
  job.stop = (because) => {
    state.stopped ??= because;
  };
  startBeating(state);
  await nap(state, 3_000);
  const worked = await runUnits(state);
  const gates = await askInHooks(state);
  await client.session("finish", RESULT_BUDGET_MS, (engine, session) => {
    if (gates !== undefined) bench.ghost.hookGates.set(state.run.runId, gates);
    return engine.runner.finish(session, { failure: undefined, gates });
  });
  return worked ? "success" : "failure";
}

/** The hooks after the dirspaces take their time; where they were cut off nobody knows what they would have asked for. */
async function askInHooks(state: JobState): Promise<readonly RaisedGate[] | undefined> {
  const { run, bench } = state;
  if (run.kind !== "plan" || !asksInHooks(run.settings)) return undefined;
  await nap(state, 20_000);
  return state.stopped === undefined ? found(bench.rng) : undefined;
}

function startBeating(state: JobState): void {
  const { sim, machine } = state.bench;
  let lastContact = sim.now;
  const beat = async (): Promise<void> => {
    const running = [...state.running];
    const reply = await state.client.session("heartbeat", 0, async (engine, session) => {
      const beaten = await engine.runner.heartbeat(session, running);
      return session.over ? RunnerClient.gone() : beaten;
    });
    if (reply.kind === "ok") {
      lastContact = sim.now;
      if (reply.value.cancel) state.stopped ??= "The run was cancelled.";
    } else if (reply.kind === "gone") state.stopped ??= "This run is over.";
    else if (sim.now - lastContact > CONTACT_LOST_MS && state.applying === 0) {
      state.stopped ??= "The server could not be reached.";
    }
    again();
  };
  const again = () =>
    sim.after(
      BEAT_MS,
      "beat",
      () => {
        sim.current = flowOf(machine, "beat", sim.now);
        void beat();
      },
      machine,
    );
  again();
}

async function runUnits(state: JobState): Promise<boolean> {
  const { units, kind, parallel } = state.run;
  const ended = new Map<DirspaceKey, "passed" | "held">();
  let fine = true;
  while (ended.size < units.length) {
    const open = units.filter((unit) => !ended.has(unit.dirspace));
    const blocked = open.find((unit) => unit.after.some((key) => ended.get(key) === "held"));
    if (blocked !== undefined) {
      const holders = blocked.after.filter((key) => ended.get(key) === "held");
      const because = "It depends on what did not apply.";
      const report: UnitReport =
        kind === "plan" && state.stopped === undefined
          ? { outcome: "waiting", for: holders }
          : { outcome: "not_started", because };
      await tell(state, blocked, report);
      ended.set(blocked.dirspace, "held");
      continue;
    }
    const ready = open
      .filter((unit) => unit.after.every((key) => ended.get(key) === "passed"))
      .slice(0, parallel);
    const results = await Promise.all(ready.map((unit) => runUnit(state, unit)));
    for (const [at, unit] of ready.entries()) {
      ended.set(unit.dirspace, results[at] ?? "held");
      if (results[at] === "held") fine = false;
    }
  }
  return fine;
}

async function runUnit(state: JobState, unit: NewUnit): Promise<"passed" | "held"> {
  const { stopped } = state;
  if (stopped !== undefined) {
    await tell(state, unit, { outcome: "not_started", because: stopped });
    return "held";
  }
  state.running.add(unit.dirspace);
  const report =
    state.run.kind === "plan" ? await planUnit(state, unit) : await applyUnit(state, unit);
  await tell(state, unit, report);
  if (state.run.kind === "apply") await between(state, unit, "reported");
  state.running.delete(unit.dirspace);
  if (report.outcome === "planned") return report.changed ? "held" : "passed";
  return report.outcome === "applied" ? "passed" : "held";
}

async function tell(state: JobState, unit: NewUnit, report: UnitReport): Promise<void> {
  const reply = await state.client.session("report", RESULT_BUDGET_MS, (engine, session) =>
    engine.runner.report(session, unit.dirspace, report, 5),
  );
  if (reply.kind === "ok") {
    const { bench, run } = state;
    bench.ghost.told.push({ runId: run.runId, dirspace: unit.dirspace, report });
    bench.ghost.changes += 1;
  }
  if (reply.kind === "gone") state.stopped ??= "This run is over.";
}
