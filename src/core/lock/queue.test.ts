import { expect, test } from "vitest";
import { LockWorld } from "../../../test/support/lock-world.ts";
import type { Reason } from "../reason.ts";

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map(({ code }) => code);
}

/** 1 owns d1, 2 and 3 wait for it in this order. */
function line(config?: string): LockWorld {
  const world = new LockWorld(["d1"], config);
  for (const number of [1, 2, 3]) world.open(number, ["d1"]);
  world.apply(1);
  world.apply(2);
  world.apply(3);
  return world;
}

test("S8 an answer says behind whom an apply waits, and at which position", () => {
  const world = line();
  expect(world.says(3, "terrane apply")).toContainEqual({
    code: "queued",
    position: 2,
    of: 2,
    behind: [1, 2],
  });
  // Asking again changes nothing.
  world.says(2, "terrane apply");
  expect(world.queue()).toBe("2 3");
});

test("S8 whoever waits is shown where it stands now, not where it stood when it asked", () => {
  const world = line();
  world.says(2, "terrane unlock");
  expect(world.pull(3).snapshot.pullRequest.notice?.reasons).toContainEqual({
    code: "queued",
    position: 1,
    of: 1,
    behind: [1],
  });
});

test("a place that is given up is said once, and no lock is said to be free with it", () => {
  expect(codes(line().says(2, "terrane unlock"))).toEqual(["wait_ended"]);
});

test.each(["terrane why", "terrane why d1", "terrane help", "terrane repo-config"])(
  "%s takes nothing away from what is waited for, nor the news that ends the waiting",
  (question) => {
    const world = line();
    world.says(2, question);
    const { notice } = world.pull(2).snapshot.pullRequest;
    expect(codes(notice?.reasons ?? [])).toEqual(["locked", "queued"]);
    expect(notice?.aside?.command).toBe(question);
    world.merge(1);
    world.says(2, question);
    const { notice: later } = world.pull(2).snapshot.pullRequest;
    expect(codes(later?.reasons ?? [])).toEqual(["turn_began"]);
    expect(later?.aside?.command).toBe(question);
  },
);

test("the next in line is planned again and told that it is its turn; nothing is applied by that", () => {
  const world = line();
  world.merge(1);
  expect(world.queue()).toBe("2! 3");
  const { notice } = world.pull(2).snapshot.pullRequest;
  expect(notice?.command).toBe("terrane apply");
  expect(codes(notice?.reasons ?? [])).toEqual(["turn_began"]);
  expect(world.pull(2).phases()["d1:default"]).toBe("planned");
  expect(world.owners()).toBe("");
});

test("the next in line is planned again also where plans are made by hand", () => {
  const world = new LockWorld(["d1"], "when_modified:\n  autoplan: false\n");
  for (const number of [1, 2]) {
    world.open(number, ["d1"]);
    world.says(number, "terrane plan");
  }
  world.apply(1);
  world.apply(2);
  expect(world.pull(2).phases()["d1:default"]).toBe("stale");
  world.merge(1);
  expect(world.queue()).toBe("2!");
  expect(world.pull(2).phases()["d1:default"]).toBe("planned");
});

test("L42 an unused turn lapses while others wait, and whoever asks again comes last", () => {
  const world = line();
  world.merge(1);
  const since = world.pull(2).snapshot.pullRequest.wait?.turnSince;
  if (since === undefined) throw new Error("no turn");
  expect(codes(world.happens(2, { kind: "turn_over", since }))).toContain("turn_lapsed");
  expect(world.queue()).toBe("3!");
  world.apply(2);
  expect(world.queue()).toBe("3! 2");
});

test("a turn is kept while nobody waits behind it, and a deadline of an earlier turn ends nothing", () => {
  const world = line();
  world.merge(1);
  const since = world.pull(2).snapshot.pullRequest.wait?.turnSince;
  if (since === undefined) throw new Error("no turn");
  world.happens(2, { kind: "turn_over", since: (since - 1) as typeof since });
  expect(world.queue()).toBe("2! 3");
  world.close(3);
  world.happens(2, { kind: "turn_over", since });
  expect(world.queue()).toBe("2!");
  // Nobody is kept out by it, so it counts from now: whoever looks for old turns does not find it again at once.
  const later = world.pull(2).snapshot.pullRequest.wait?.turnSince;
  expect(later).toBeGreaterThan(since);
});

test("whoever lacks an approval does not keep others waiting behind it", () => {
  const config = `apply_requirements:\n  checks:\n    - tag_query: ""\n      approved:\n        enabled: true\n        any_of_count: 1\n        any_of: ['user:zoe']\n`;
  const world = new LockWorld(["d1"], config);
  for (const number of [1, 2]) world.open(number, ["d1"]);
  world.pull(1).approve("zoe");
  world.apply(1);
  expect(world.owners()).toBe("d1: 1");
  expect(codes(world.says(2, "terrane apply"))).not.toContain("queued");
  expect(world.queue()).toBe("");
});

const STACKS = `
stacks:
  names:
    base:
      tag_query: dir:d1
    top:
      tag_query: dir:d2
      rules:
        apply_after: [base]
`;

test("the order of stacks is judged once more when an apply takes its grant", () => {
  const world = new LockWorld(["d1", "d2"], STACKS);
  world.open(1, ["d1", "d2"]);
  world.apply(1, "dir:d1");
  expect(codes(world.says(1, "terrane apply dir:d2"))).toContain("apply_started");
  const pull = world.pull(1);
  const run = pull.activeRun("apply");
  // Planned again beside it: what comes first is not applied any more.
  world.says(1, "terrane plan dir:d1");
  expect(pull.phases()["d1:default"]).toBe("planned");
  const [work] = run.works;
  if (work === undefined) throw new Error("no work");
  expect(world.grant(1, work.dirspace)).toMatchObject({ kind: "refused", code: "STACK_ORDER" });
});

test("L40 whoever shares a dirspace hears that somebody begins to wait for it, once", () => {
  const world = new LockWorld(["d1", "d2"]);
  world.open(1, ["d1"]);
  world.open(2, ["d1", "d2"]);
  world.apply(1);
  const told = () =>
    world.pull(2).last?.effects.filter((effect) => effect.kind === "tell_neighbours") ?? [];
  world.says(2, "terrane apply");
  expect(told()).toMatchObject([{ because: "awaits", dirspaces: ["d1:default", "d2:default"] }]);
  world.says(2, "terrane apply");
  expect(told()).toEqual([]);
});
