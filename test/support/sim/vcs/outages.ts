import type { Prng } from "../../../../src/base/prng.ts";
import type { CommitSha } from "../../../../src/core/ids.ts";
import type { Faults } from "../faults.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Forge } from "./forge.ts";

export interface OutagesOptions {
  readonly forge: Forge;
  readonly sim: Scheduler;
  readonly faults: Faults;
  readonly rng: Prng;
  readonly dirs: readonly string[];
}

const LONGEST_MS = 60_000;
const PATIENCE_MS = 20_000;

/**
 * Commits that nobody can read for a while (F4). Meanwhile their authors go on: whatever was decided half-way about
 * such a commit is old when it can be read again.
 */
export class Outages {
  readonly #until = new Map<CommitSha, number>();
  readonly #options: OutagesOptions;

  constructor(options: OutagesOptions) {
    this.#options = options;
  }

  isAway(commit: CommitSha): boolean {
    const { sim, faults, rng } = this.#options;
    let until = this.#until.get(commit);
    if (until === undefined) {
      until = faults.strikes("F4", 0.3) ? sim.now + rng.below(LONGEST_MS) : 0;
      this.#until.set(commit, until);
      if (until > 0) this.#goOn(commit);
    }
    return sim.now < until && !faults.healed;
  }

  #goOn(commit: CommitSha): void {
    const { forge, sim, rng, dirs } = this.#options;
    for (const { number, headSha } of forge.pulls.values()) {
      if (headSha !== commit) continue;
      sim.after(rng.below(PATIENCE_MS), "pushes meanwhile", () => {
        const pull = forge.pull(number);
        if (pull.state !== "open" || pull.headSha !== commit) return;
        const file = `${rng.pick(dirs)}/main.tf`;
        forge.push(number, forge.commits.change(commit, { [file]: forge.newId("code") }));
      });
    }
  }
}
