import { setTimeout as sleep } from "node:timers/promises";
import type { Prng } from "../../../src/base/prng.ts";
import type { GitHubDouble } from "../github-double/index.ts";
import * as scene from "../github-double/scene.ts";
import type { Account, Pull, Repository } from "../github-double/world.ts";

export const DIRS = ["net", "dns", "app", "data", "mail", "logs"];
/** Mostly they want to apply: whoever plans anew as often as that never has a plan that is done. */
const COMMANDS = [
  ...Array.from({ length: 7 }, () => "terrane apply"),
  "terrane plan",
  "terrane unlock",
  "thanks",
];

/** People who open pull requests, push, comment and merge, faster than is good for anybody. */
export interface Crowd {
  readonly pulls: readonly Pull[];
  /** Until `go` says no. */
  act(go: () => boolean): Promise<void>;
}

/** How fast they are. */
export interface Pace {
  readonly pauseMs: number;
  /** Pull requests beside each other. */
  readonly openMax: number;
  /** They go on when what they did was heard: on a busy machine nothing would come to its end otherwise. */
  readonly patient: boolean;
  /** While that says so, nobody undoes what leads to an apply: no push, no new plan, no unlock. */
  readonly eager?: () => boolean;
}

const ANSWER_MS_MAX = 5_000;
const MERGED_SHARE = 0.4;
const MERGED_MAX = 8;

export function gatherCrowd(options: {
  readonly double: GitHubDouble;
  readonly repo: Repository;
  readonly by: Account;
  readonly random: Prng;
  readonly pace: Pace;
}): Crowd {
  const { double, repo, by, random, pace } = options;
  const pulls: Pull[] = [];
  let made = 0;
  const openOnes = () => pulls.filter((pull) => pull.state === "open");

  async function open(): Promise<void> {
    made += 1;
    const branch = `change-${made}`;
    await scene.push(double, repo, { branch, files: change(random, made), by });
    pulls.push(await scene.openPull(double, repo, { by, head: branch }));
  }

  async function step(): Promise<void> {
    const ours = openOnes();
    if (ours.length < pace.openMax && (ours.length === 0 || random.chance(0.1))) return open();
    const pull = random.pick(ours);
    const dice = random.below(100);
    const eager = pace.eager?.() === true;
    if (dice < 5 && !eager) {
      made += 1;
      await scene.push(double, repo, {
        branch: pull.head.ref,
        files: change(random, made),
        by,
      });
    } else if (dice < 9) {
      await scene.merge(double, pull, by).catch(() => undefined);
    } else {
      // What was merged before it was applied owns its directories until somebody applies it.
      const merged = pulls.filter((one) => one.merged !== undefined);
      const forgotten = merged.length > 0 && random.chance(MERGED_SHARE);
      const about = forgotten ? random.pick(merged.slice(-MERGED_MAX)) : pull;
      scene.comment(double, about, by, eager ? "terrane apply" : random.pick(COMMANDS));
    }
  }

  return {
    pulls,
    async act(go) {
      while (go()) {
        await step();
        await sleep(random.below(2 * pace.pauseMs));
        if (pace.patient) await Promise.race([double.settled(), sleep(ANSWER_MS_MAX)]);
      }
    },
  };
}

function change(random: Prng, made: number): Readonly<Record<string, string>> {
  const dirs = random.shuffle(DIRS).slice(0, 1 + random.below(3));
  return Object.fromEntries(dirs.map((dir) => [`${dir}/change-${made}.tf`, `# ${made}\n`]));
}
