import { setTimeout as sleep } from "node:timers/promises";
import type { Prng } from "../../../src/base/prng.ts";
import type { GitHubDouble } from "../github-double/index.ts";
import * as scene from "../github-double/scene.ts";
import type { Account, Pull, Repository } from "../github-double/world.ts";

export const DIRS = ["net", "dns", "app", "data", "mail", "logs"];
const OPEN_MAX = 6;
const COMMANDS = ["terrane plan", "terrane apply", "terrane apply", "terrane unlock", "thanks"];

/** People who open pull requests, push, comment and merge, faster than is good for anybody. */
export interface Crowd {
  readonly pulls: readonly Pull[];
  /** Until `go` says no. */
  act(go: () => boolean): Promise<void>;
}

export function gatherCrowd(options: {
  readonly double: GitHubDouble;
  readonly repo: Repository;
  readonly by: Account;
  readonly random: Prng;
  readonly pauseMs: number;
}): Crowd {
  const { double, repo, by, random } = options;
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
    if (ours.length < OPEN_MAX && (ours.length === 0 || random.chance(0.1))) return open();
    const pull = random.pick(ours);
    const dice = random.below(100);
    if (dice < 5) {
      made += 1;
      await scene.push(double, repo, {
        branch: pull.head.ref,
        files: change(random, made),
        by,
      });
    } else if (dice < 9) {
      await scene.merge(double, pull, by).catch(() => undefined);
    } else {
      scene.comment(double, pull, by, random.pick(COMMANDS));
    }
  }

  return {
    pulls,
    async act(go) {
      while (go()) {
        await step();
        await sleep(random.below(2 * options.pauseMs));
      }
    },
  };
}

function change(random: Prng, made: number): Readonly<Record<string, string>> {
  const dirs = random.shuffle(DIRS).slice(0, 1 + random.below(3));
  return Object.fromEntries(dirs.map((dir) => [`${dir}/change-${made}.tf`, `# ${made}\n`]));
}
