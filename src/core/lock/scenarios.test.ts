import { expect, test } from "vitest";
import { LockWorld } from "../../../test/support/lock-world.ts";

const DIRS = ["d1", "d2", "d3"];

function policy(lockPolicy: string): string {
  return `workflows:\n  - tag_query: ""\n    lock_policy: ${lockPolicy}\n`;
}

const DEST_BRANCH =
  "destination_branches: [main, dev]\ndirs:\n  d1:\n    lock_branch_target: dest_branch\n";

/** A step, then who owns what afterwards; who waits in brackets, with `!` where it is its turn. */
interface Scenario {
  readonly name: string;
  readonly config?: string;
  readonly steps: readonly (readonly [step: string, after: string])[];
}

/** As documented, by number; on purpose differs 8, where the first goes on without a human. */
const DOCUMENTED: readonly Scenario[] = [
  {
    name: "1: applied, then merged",
    steps: [
      ["open 1 d1", ""],
      ["apply 1", "d1: 1"],
      ["merge 1", ""],
    ],
  },
  {
    name: "2: merged, then applied",
    steps: [
      ["open 1 d1", ""],
      ["merge 1", "d1: 1"],
      ["apply 1", ""],
    ],
  },
  {
    name: "3: applied one by one, then merged: all are owned together",
    steps: [
      ["open 1 d1 d2", ""],
      ["apply 1 dir:d1", "d1: 1, d2: 1"],
      ["apply 1 dir:d2", "d1: 1, d2: 1"],
      ["merge 1", ""],
    ],
  },
  {
    name: "4: merged, then applied one by one: all are owned until the last",
    steps: [
      ["open 1 d1 d2", ""],
      ["merge 1", "d1: 1, d2: 1"],
      ["apply 1 dir:d1", "d1: 1, d2: 1"],
      ["apply 1 dir:d2", ""],
    ],
  },
  {
    name: "5: one applied before the merge, one after it",
    steps: [
      ["open 1 d1 d2", ""],
      ["apply 1 dir:d1", "d1: 1, d2: 1"],
      ["merge 1", "d1: 1, d2: 1"],
      ["apply 1 dir:d2", ""],
    ],
  },
  {
    name: "6: contagious: what shares one dirspace cannot apply another either, and waits",
    steps: [
      ["open 1 d1 d2", ""],
      ["open 2 d2 d3", ""],
      ["apply 1", "d1: 1, d2: 1"],
      ["apply 2 dir:d3", "d1: 1, d2: 1 [2]"],
      ["merge 1", " [2!]"],
      ["apply 2", "d2: 2, d3: 2"],
    ],
  },
  {
    name: "6b: an unlock frees everything",
    steps: [
      ["open 1 d1 d2", ""],
      ["apply 1", "d1: 1, d2: 1"],
      ["unlock 1", ""],
      ["apply 1", ""],
      ["plan 1", ""],
      ["apply 1", "d1: 1, d2: 1"],
    ],
  },
  {
    name: "7: one applied, the other merges: the first goes first",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["apply 1", "d1: 1"],
      ["merge 2", "d1: 1 2"],
      ["apply 2", "d1: 1 2 [2]"],
      ["merge 1", "d1: 2 [2!]"],
      ["apply 2", ""],
    ],
  },
  {
    name: "8: two merged ones over the same dirspace: in the order of their merges, without a human",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["merge 1", "d1: 1"],
      ["merge 2", "d1: 1 2"],
      ["apply 2", "d1: 1 2 [2]"],
      ["apply 1", "d1: 2 [2!]"],
      ["apply 2", ""],
    ],
  },
  {
    name: "8b: and the way out that was needed before still works",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["merge 1", "d1: 1"],
      ["merge 2", "d1: 1 2"],
      ["unlock 1", "d1: 2"],
      ["apply 2", ""],
    ],
  },
  {
    name: "9: policy apply: a merge alone owns nothing",
    config: policy("apply"),
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["merge 1", ""],
      ["apply 2", "d1: 2"],
      ["merge 2", ""],
    ],
  },
  {
    name: "10: policy merge: an apply alone owns nothing",
    config: policy("merge"),
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["apply 1", ""],
      ["merge 2", "d1: 2"],
      ["apply 2", ""],
    ],
  },
  {
    name: "11: dest_branch: other branches are other places",
    config: DEST_BRANCH,
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1 onto dev", ""],
      ["open 3 d1", ""],
      ["apply 1", "d1: 1"],
      ["apply 2", "d1: 1 2"],
      ["apply 3", "d1: 1 2 [3]"],
      ["merge 1", "d1: 2 [3!]"],
    ],
  },
];

/** Our own. */
const OWN: readonly Scenario[] = [
  {
    name: "12: policy none owns nothing before or after the merge",
    config: policy("none"),
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["apply 1", ""],
      ["merge 1", ""],
      ["plan 2", ""],
      ["apply 2", ""],
    ],
  },
  {
    name: "13: a failed apply owns as well, for it may have changed something",
    steps: [
      ["open 1 d1", ""],
      ["fail 1", "d1: 1"],
      ["merge 1", "d1: 1"],
      ["plan 1", "d1: 1"],
      ["apply 1", ""],
    ],
  },
  {
    name: "14: what was applied and left the change set is owned still",
    steps: [
      ["open 1 d1 d2", ""],
      ["apply 1 dir:d1", "d1: 1, d2: 1"],
      ["push 1 d2", "d1: 1, d2: 1"],
      ["apply 1", "d1: 1, d2: 1"],
      ["merge 1", ""],
    ],
  },
  {
    name: "15: an apply that failed and left the change set stays owned after the merge, until an unlock",
    steps: [
      ["open 1 d1 d2", ""],
      ["fail 1 dir:d1", "d1: 1, d2: 1"],
      ["push 1 d2", "d1: 1, d2: 1"],
      ["apply 1", "d1: 1, d2: 1"],
      ["merge 1", "d1: 1, d2: 1"],
      ["unlock 1", ""],
    ],
  },
  {
    name: "16: first come, first served, and nobody who comes later goes first",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1 d2", ""],
      ["open 3 d2", ""],
      ["apply 1", "d1: 1"],
      ["apply 2", "d1: 1 [2]"],
      // Nobody owns d2, but 2 waits for it.
      ["apply 3", "d1: 1 [2 3]"],
      ["merge 1", " [2! 3]"],
      ["apply 3", " [2! 3]"],
      ["apply 2", "d1: 2, d2: 2 [3]"],
      ["merge 2", " [3!]"],
      ["apply 3", "d2: 3"],
    ],
  },
  {
    name: "17: a wait ends with close, unlock and a push that leaves the dirspaces",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["open 3 d1", ""],
      ["open 4 d1 d2", ""],
      ["open 5 d1", ""],
      ["apply 1", "d1: 1"],
      ["apply 2", "d1: 1 [2]"],
      ["apply 3", "d1: 1 [2 3]"],
      ["apply 4", "d1: 1 [2 3 4]"],
      ["apply 5", "d1: 1 [2 3 4 5]"],
      ["close 2", "d1: 1 [3 4 5]"],
      ["unlock 3", "d1: 1 [4 5]"],
      ["push 4 d2", "d1: 1 [4! 5]"],
      ["merge 1", " [4! 5!]"],
    ],
  },
  {
    name: "18: a waiting pull request that grows goes to the end, as others wait for what is new already",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["open 3 d1 d2", ""],
      ["apply 1", "d1: 1"],
      ["apply 2", "d1: 1 [2]"],
      ["apply 3", "d1: 1 [2 3]"],
      ["push 2 d1 d2", "d1: 1 [3 2]"],
    ],
  },
  {
    name: "19: an owner that grows takes what is free, and waits for what is not",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d2", ""],
      ["apply 1", "d1: 1"],
      ["push 1 d1 d3", "d1: 1, d3: 1"],
      ["apply 2", "d1: 1, d2: 2, d3: 1"],
      ["push 1 d1 d2 d3", "d1: 1, d2: 2, d3: 1"],
      ["apply 1", "d1: 1, d2: 2, d3: 1 [1]"],
      ["merge 2", "d1: 1, d2: 1, d3: 1 [1!]"],
      ["apply 1", "d1: 1, d2: 1, d3: 1"],
    ],
  },
  {
    name: "20: three merged ones that share in a ring go in the order of their merges",
    steps: [
      ["open 1 d1 d2", ""],
      ["open 2 d2 d3", ""],
      ["open 3 d1 d3", ""],
      ["merge 1", "d1: 1, d2: 1"],
      ["merge 2", "d1: 1, d2: 1 2, d3: 2"],
      ["merge 3", "d1: 1 3, d2: 1 2, d3: 2 3"],
      ["apply 3", "d1: 1 3, d2: 1 2, d3: 2 3 [3]"],
      ["apply 2", "d1: 1 3, d2: 1 2, d3: 2 3 [2 3]"],
      ["apply 1", "d1: 3, d2: 2, d3: 2 3 [2! 3]"],
      ["apply 2", "d1: 3, d3: 3 [3!]"],
      ["apply 3", ""],
    ],
  },
  {
    name: "21: whoever merges while it waits keeps its place",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["open 3 d1", ""],
      ["apply 1", "d1: 1"],
      ["apply 2", "d1: 1 [2]"],
      ["merge 3", "d1: 1 3 [2]"],
      ["merge 2", "d1: 1 2 3 [2]"],
      ["merge 1", "d1: 2 3 [2!]"],
      ["apply 2", "d1: 3"],
    ],
  },
  {
    name: "22: whoever is in the way is unlocked by whoever may",
    steps: [
      ["open 1 d1", ""],
      ["open 2 d1", ""],
      ["open 3 d1", ""],
      ["apply 1", "d1: 1"],
      ["apply 2", "d1: 1 [2]"],
      ["apply 3", "d1: 1 [2 3]"],
      ["unlock 3 --blocking", " [3!]"],
    ],
  },
];

test.each([...DOCUMENTED, ...OWN])("S7 scenario $name", ({ config, steps }) => {
  const world = new LockWorld(DIRS, config);
  const seen = steps.map(([step]) => {
    doStep(world, step);
    const queue = world.queue();
    return [step, queue === "" ? world.owners() : `${world.owners()} [${queue}]`];
  });
  expect(seen).toEqual(steps);
});

function doStep(world: LockWorld, step: string): void {
  const [verb, first, ...rest] = step.split(" ");
  const number = Number(first);
  switch (verb) {
    case "open": {
      const onto = rest.indexOf("onto");
      if (onto < 0) world.open(number, rest);
      else world.open(number, rest.slice(0, onto), rest[onto + 1]);
      return;
    }
    case "apply":
      world.apply(number, rest.join(" "));
      return;
    case "fail":
      world.apply(number, rest.join(" "), "failed");
      return;
    case "merge":
      world.merge(number);
      return;
    case "close":
      world.close(number);
      return;
    case "push":
      world.push(number, rest);
      return;
    default:
      world.says(number, `terrane ${verb} ${rest.join(" ")}`.trim());
  }
}
