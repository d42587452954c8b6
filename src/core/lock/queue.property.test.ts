import fc from "fast-check";
import { expect, test } from "vitest";
import { LockWorld } from "../../../test/support/lock-world.ts";
import { lockDifference } from "./expected-locks.ts";
import { placeOf } from "./in-the-way.ts";

const DIRS = ["d1", "d2", "d3"];
const NUMBERS = [1, 2, 3];

type Step =
  | {
      readonly do: "apply" | "fail" | "merge" | "unlock" | "blocking" | "lapse";
      readonly of: number;
    }
  | { readonly do: "ask"; readonly of: number; readonly dir: string }
  | { readonly do: "grant" | "finish"; readonly of: number };

const number = fc.constantFrom(...NUMBERS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom("apply", "apply", "fail", "merge", "unlock", "blocking", "lapse"),
    of: number,
  }),
  fc.record({ do: fc.constant("ask"), of: number, dir: fc.constantFrom(...DIRS) }),
  fc.record({ do: fc.constantFrom("grant", "finish"), of: number }),
);
const touches = fc.tuple(...NUMBERS.map(() => fc.subarray(DIRS, { minLength: 1 })));
const lockPolicy = fc.constantFrom("strict", "strict", "apply", "merge");

test("S1 S7 S8 L42 whatever three pull requests do, nobody overtakes, nobody applies beside an owner, and all of them end", () => {
  fc.assert(
    fc.property(touches, lockPolicy, fc.array(step, { maxLength: 25 }), (dirs, policy, steps) => {
      const world = new LockWorld(
        DIRS,
        `workflows:\n  - tag_query: ""\n    lock_policy: ${policy}\n`,
      );
      for (const [index, own] of dirs.entries()) world.open(index + 1, own);
      for (const one of steps) {
        doStep(world, one);
        check(world);
      }
      finish(world);
    }),
    { numRuns: 40 },
  );
}, 120_000);

function doStep(world: LockWorld, step: Step): void {
  const { of } = step;
  switch (step.do) {
    case "apply":
      return void world.apply(of);
    case "fail":
      return void world.apply(of, "", "failed");
    case "ask":
      return void world.says(of, `terrane apply dir:${step.dir}`);
    case "grant":
      return grantOne(world, of);
    case "finish":
      return world.finishApplies(of);
    case "merge":
      return world.pull(of).view.state === "open" ? void world.merge(of) : undefined;
    case "unlock":
      return void world.says(of, "terrane unlock");
    case "blocking":
      return void world.says(of, "terrane unlock --blocking");
    case "lapse":
      return lapse(world, of);
  }
}

/** A runner takes one grant and goes on with its work later. */
function grantOne(world: LockWorld, of: number): void {
  if (!world.isApplying(of)) return;
  const { works } = world.pull(of).activeRun("apply");
  const next = works.find(
    ({ dirspace }) => world.pull(of).state(dirspace).apply?.state === "queued",
  );
  if (next === undefined) return;
  const place = placeOf(world.pull(of).snapshot) ?? Number.POSITIVE_INFINITY;
  const before = world.pull(of).state(next.dirspace);
  if (world.grant(of, next.dirspace).kind === "refused") return;
  expect(before.inFlight, "S1").toBeUndefined();
  const earlier = before.locks.filter((lock) => lock.pullRequest !== of && lock.place < place);
  expect(earlier, "an owner with a lower place goes first").toEqual([]);
}

function lapse(world: LockWorld, of: number): void {
  const since = world.pull(of).snapshot.pullRequest.wait?.turnSince;
  if (since !== undefined) world.happens(of, { kind: "turn_over", since });
}

function check(world: LockWorld): void {
  for (const own of NUMBERS) {
    const { snapshot } = world.pull(own);
    const { wait } = snapshot.pullRequest;
    // S7: stored locks are what history says; all of it or nothing.
    expect(lockDifference(snapshot), `#${own}`).toEqual({ missing: [], extra: [] });
    const claimed = world.claims(own).map(({ key }) => key);
    if (wait !== undefined) expect(wait.dirspaces, "waits for all of it").toEqual(claimed);
    const places = snapshot.dirspaces.flatMap(({ locks, waits }) =>
      [...locks, ...waits].filter((one) => one.pullRequest === own).map(({ place }) => place),
    );
    expect(new Set(places).size, "one place").toBeLessThanOrEqual(1);
    // S8: no turn while somebody with an earlier place waits for the same dirspace.
    if (wait?.turnSince === undefined) continue;
    const earlier = snapshot.dirspaces
      .filter(({ key }) => wait.dirspaces.includes(key))
      .flatMap(({ waits }) => waits)
      .filter((other) => other.pullRequest !== own && other.place < wait.place);
    expect(earlier, `#${own} overtakes`).toEqual([]);
  }
}

/** L34, L42: once everybody does what it can, in any order, all is applied and nobody owns or waits. */
function finish(world: LockWorld): void {
  for (let round = 0; round < 12; round++) {
    for (const of of NUMBERS) {
      world.finishApplies(of);
      check(world);
      // Whoever is merged and has nothing left would only plan again what others apply.
      const { view, snapshot } = world.pull(of);
      const isBusy = placeOf(snapshot) !== undefined || view.state === "open";
      if (!isBusy) continue;
      world.says(of, "terrane plan");
      world.apply(of);
      check(world);
      if (world.pull(of).view.state === "open") world.merge(of);
    }
    if (world.owners() === "" && world.queue() === "") return;
  }
  expect(`${world.owners()} [${world.queue()}]`, "everything ends").toBe(" []");
}
