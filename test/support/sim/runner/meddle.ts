import type { NewUnit } from "../../../../src/core/decision.ts";
import { DEFAULT_BRANCH } from "../vcs/forge.ts";
import { type JobState, nap } from "./job-state.ts";

/** Everything below happens between the plan's way to the runner and the permission, where it hurts most. */

const HEARD_MS = 20_000;

/** People do what makes an apply wrong after it was asked for (F8). */
export async function meddle(state: JobState, unit: NewUnit): Promise<void> {
  const { forge, faults, rng } = state.bench;
  if (!faults.strikes("F8", 0.3)) return;
  const { number } = state.run.pullRequest;
  const pull = forge.pull(number);
  const file = `${unit.affected.dirspace.dir}/main.tf`;
  const code = { [file]: forge.newId("code") };
  switch (rng.below(5)) {
    case 0:
      forge.setState(number, "closed");
      break;
    case 1:
      if (pull.state === "open") forge.push(number, forge.commits.change(pull.headSha, code));
      break;
    case 2:
      forge.pushBase(
        DEFAULT_BRANCH,
        forge.commits.change(
          forge.branch(DEFAULT_BRANCH),
          rng.chance(0.7) ? code : { "README.md": "text" },
        ),
      );
      break;
    case 3:
      for (const { reviewer } of pull.reviews) forge.review(number, { dismiss: reviewer });
      break;
    default:
      forge.say(number, pull.author, "terrane unlock");
      await nap(state, HEARD_MS);
  }
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
