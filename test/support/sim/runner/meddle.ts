import type { NewUnit } from "../../../../src/core/decision.ts";
import type { UnitReport } from "../../../../src/core/run/report.ts";
import type { FaultClass } from "../faults.ts";
import type { Moment } from "../theme.ts";
import { account, DEFAULT_BRANCH } from "../vcs/forge.ts";
import { failed, type JobState, nap } from "./job-state.ts";

/** How long it takes until a command was heard and carried out, mostly. */
const HEARD_MS = 20_000;
const LONG_MS = 15 * 60_000;

interface Deed {
  readonly fault: FaultClass;
  readonly does: (state: JobState, unit: NewUnit) => void;
}

const DEEDS = {
  close: {
    fault: "F8",
    does: ({ bench, run }) => bench.forge.setState(run.pullRequest.number, "closed"),
  },
  merge: { fault: "F8", does: ({ bench, run }) => void bench.forge.merge(run.pullRequest.number) },
  push: {
    fault: "F8",
    does: ({ bench: { forge }, run }, unit) => {
      const { number } = run.pullRequest;
      const { state, headSha } = forge.pull(number);
      if (state === "open")
        forge.push(number, forge.commits.change(headSha, code(forge, unit, "main.tf")));
    },
  },
  push_base: {
    fault: "F8",
    does: ({ bench: { forge } }, unit) => pushBase(forge, code(forge, unit, "base.tf")),
  },
  push_readme: {
    fault: "F8",
    does: ({ bench: { forge } }) => pushBase(forge, { "README.md": forge.newId("text") }),
  },
  dismiss: {
    fault: "F8",
    does: ({ bench: { forge }, run }) => {
      const { number } = run.pullRequest;
      for (const { reviewer } of forge.pull(number).reviews)
        forge.review(number, { dismiss: reviewer });
    },
  },
  disown: {
    fault: "F8",
    does: ({ bench }) => bench.mayNoMore(account(bench.rng.pick(["ann", "bob"]))),
  },
  leave_team: {
    fault: "F8",
    does: ({ bench: { forge, rng } }) =>
      forge.moveInOps(account(rng.pick(["bob", "cara"])).id, false),
  },
  unlock: { fault: "F8", does: (state) => say(state, "terrane unlock") },
  plan_again: { fault: "F8", does: (state) => say(state, "terrane plan") },
  apply_elsewhere: { fault: "F8", does: (state) => sayElsewhere(state, "terrane apply") },
  plan_elsewhere: { fault: "F8", does: (state) => sayElsewhere(state, "terrane plan") },
  unlock_elsewhere: { fault: "F8", does: (state) => sayElsewhere(state, "terrane unlock") },
  merge_elsewhere: {
    fault: "F8",
    does: (state) => {
      const other = elsewhere(state);
      if (other !== undefined) state.bench.forge.merge(other);
    },
  },
  stall: {
    fault: "F6",
    does: ({ bench: { machine, sim, rng } }) => {
      machine.pausedUntil = sim.now + rng.below(LONG_MS);
    },
  },
  cut: {
    fault: "F6",
    does: ({ bench: { link, sim, rng } }) => {
      const until = sim.now + rng.below(LONG_MS);
      link.toServerCutUntil = until;
      if (rng.chance(0.5)) link.toClientCutUntil = until;
    },
  },
  kill: { fault: "F5", does: ({ bench }) => bench.kill() },
  lie: { fault: "F2", does: (state, unit) => void tellLie(state, unit) },
} as const satisfies Readonly<Record<string, Deed>>;

/** What may happen at each moment; more often where it is named more often. */
const AT: Readonly<Record<Moment, readonly (keyof typeof DEEDS)[]>> = {
  planning: [
    "push_base",
    "push",
    "push",
    "apply_elsewhere",
    "apply_elsewhere",
    "merge_elsewhere",
    "unlock",
    "stall",
  ],
  granting: [
    "close",
    "merge",
    "push",
    "push_base",
    "push_base",
    "push_readme",
    "dismiss",
    "dismiss",
    "disown",
    "leave_team",
    "unlock",
    "plan_again",
    "apply_elsewhere",
    "unlock_elsewhere",
  ],
  granted: ["stall", "cut", "kill", "unlock", "push"],
  applying: [
    "unlock",
    "unlock",
    "close",
    "push",
    "push",
    "push",
    "push_base",
    "merge",
    "plan_again",
    "apply_elsewhere",
    "apply_elsewhere",
    "plan_elsewhere",
    "plan_elsewhere",
    "cut",
    "stall",
    "kill",
  ],
  reporting: ["lie", "lie", "cut", "stall", "kill", "push", "merge", "unlock"],
  reported: ["lie", "lie", "lie", "push", "merge"],
};

/** Of what may happen at this moment, and the history's faults allow, something happens as often as the theme says. */
export async function between(state: JobState, unit: NewUnit, moment: Moment): Promise<void> {
  const { faults, rng, theme } = state.bench;
  const likely = theme.moments[moment] ?? 0;
  const possible = AT[moment].filter((name) => faults.isOn(DEEDS[name].fault));
  if (likely === 0 || possible.length === 0) return;
  const deed: Deed = DEEDS[rng.pick(possible)];
  if (!faults.strikes(deed.fault, likely)) return;
  deed.does(state, unit);
  // A machine that was switched off does not go on, and one that stands still goes on later.
  await state.bench.sim.sleep(1, state.bench.machine);
  if (moment === "granting" && rng.chance(0.5)) await nap(state, HEARD_MS);
}

function code(
  forge: JobState["bench"]["forge"],
  unit: NewUnit,
  name: string,
): Record<string, string> {
  return { [`${unit.affected.dirspace.dir}/${name}`]: forge.newId("code") };
}

function pushBase(forge: JobState["bench"]["forge"], files: Record<string, string>): void {
  const sha = forge.commits.change(forge.branch(DEFAULT_BRANCH), files);
  forge.pushBase(DEFAULT_BRANCH, sha);
}

function say({ bench: { forge }, run }: JobState, text: string): void {
  const { number } = run.pullRequest;
  forge.say(number, account("cara"), text);
}

function elsewhere({ bench: { forge, rng }, run }: JobState): number | undefined {
  const others = [...forge.pulls.keys()].filter((number) => number !== run.pullRequest.number);
  return others.length === 0 ? undefined : rng.pick(others);
}

function sayElsewhere(state: JobState, text: string): void {
  const other = elsewhere(state);
  if (other !== undefined) state.bench.forge.say(other, account("cara"), text);
}

/** Somebody who has the job's credential reports what is not so. */
async function tellLie({ bench, client, run }: JobState, unit: NewUnit): Promise<void> {
  const last = bench.ghost.grants.findLast((one) => one.runId === run.runId);
  const fence = (last?.fence ?? 1) + bench.rng.pick([-1, 0, 0, 0, 1]);
  const lie: UnitReport = bench.rng.chance(0.5)
    ? { outcome: "applied", fence, outputs: [], text: "" }
    : failed("it is not so", fence);
  // Heard or not: the answer may be lost.
  if (lie.outcome === "applied") bench.ghost.lies.add(`${run.runId} ${unit.dirspace}`);
  const reply = await client.session("report", 0, (engine, session) =>
    engine.runner.report(session, unit.dirspace, lie, 5),
  );
  if (reply.kind !== "ok") return;
  bench.ghost.told.push({ runId: run.runId, dirspace: unit.dirspace, report: lie });
  bench.ghost.changes += 1;
}

/** A runner that was broken into offers the bytes of another plan (F2). */
export function offeredInstead({ bench }: JobState, unit: NewUnit, digest: string): string {
  const { ghost, faults, rng } = bench;
  if (!faults.strikes("F2", 0.25)) return digest;
  const others = [...ghost.plans.values()].filter(
    (plan) => plan.dirspace === unit.dirspace && plan.digest !== digest,
  );
  return others.length === 0 ? "bytes that nobody planned" : rng.pick(others).digest;
}

/** Or asks again for what it got (F2). */
export function asksTwice({ bench }: JobState): boolean {
  return bench.faults.strikes("F2", 0.3);
}
