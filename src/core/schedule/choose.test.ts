import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptId, RepositoryId } from "../ids.ts";
import { type Chosen, chooseJobs, type Lane, OLDEST_EVERY, type Share } from "./choose.ts";

type Wish = readonly [name: string, kind: "plan" | "apply", remainingMs: number];

function lane(environment: string, wishes: readonly Wish[], more: Partial<Lane> = {}): Lane {
  const waiting = wishes.map(([attempt, kind, remainingMs], at) => ({
    attempt: attempt as AttemptId,
    kind,
    expectedMs: 10,
    remainingMs,
    seq: at,
  }));
  return { environment, running: 0, max: 100, complete: true, waiting, ...more };
}

function share(repository: string, lanes: readonly Lane[], more: Partial<Share> = {}): Share {
  const base = { served: 0, starts: 0, running: 0, max: 100, lanes };
  return { repository: repository as RepositoryId, ...base, ...more };
}

function names(chosen: Chosen): string {
  return chosen.jobs.map((job) => job.attempt).join(" ");
}

const apply = (name: string): Wish => [name, "apply", 1];
const plan = (name: string, remainingMs = 1): Wish => [name, "plan", remainingMs];

const TABLE: readonly (readonly [string, number, readonly Share[], string])[] = [
  ["applies before plans", 2, [share("r", [lane("", [plan("p", 9), apply("a")])])], "a p"],
  [
    "the longest remaining path first",
    3,
    [share("r", [lane("", [plan("p"), plan("q", 9)])])],
    "q p",
  ],
  ["equal ones by arrival", 3, [share("r", [lane("", [plan("p"), plan("q")])])], "p q"],
  ["no more than there is room", 1, [share("r", [lane("", [plan("p"), plan("q")])])], "p"],
  [
    "every fourth the oldest",
    9,
    [share("r", [lane("", [plan("p"), apply("a"), apply("b"), apply("c"), apply("d")])])],
    "a b c p d",
  ],
  [
    "a full environment lets others through",
    9,
    [share("r", [lane("x", [apply("a")], { max: 0 }), lane("y", [plan("p")])])],
    "p",
  ],
  [
    "the repository that had least first",
    2,
    [
      share("r", [lane("", [plan("p"), plan("q")])], { served: 15 }),
      share("s", [lane("", [plan("x"), plan("y")])]),
    ],
    "x y",
  ],
  [
    "turn about where both had the same",
    4,
    [
      share("r", [lane("", [plan("p"), plan("q")])]),
      share("s", [lane("", [plan("x"), plan("y")])]),
    ],
    "p x q y",
  ],
];

test.each(TABLE)("jobs start: %s", (_rule, room, shares, started) => {
  expect(names(chooseJobs({ served: 0, room, shares }))).toBe(started);
});

test("who comes back has no claim to what it did not use", () => {
  const busy = share("r", [lane("", [plan("p"), plan("q"), plan("r")])], { served: 1_000 });
  const back = share("s", [lane("", [plan("x"), plan("y"), plan("z")])], { served: 3 });
  expect(names(chooseJobs({ served: 1_000, room: 4, shares: [busy, back] }))).toBe("x p q y");
});

test("what can start nothing is closed until something opens it", () => {
  const chosen = chooseJobs({
    served: 0,
    room: 9,
    shares: [
      share("full", [lane("", [plan("p")])], { max: 0 }),
      share("empty", [lane("", [])]),
      share("more", [lane("", [plan("q")], { complete: false })]),
    ],
  });
  expect(chosen.shares.map((one) => [one.repository, one.open])).toEqual([
    ["full", false],
    ["empty", false],
    ["more", true],
  ]);
  expect(chosen.closedLanes.map((one) => one.repository)).toEqual(["empty"]);
});

const aWish = fc.tuple(fc.constantFrom("plan" as const, "apply" as const), fc.nat(50));
const aLane = fc.record({
  running: fc.nat(3),
  max: fc.nat(5),
  wishes: fc.array(aWish, { maxLength: 8 }),
});
const someShares = fc
  .array(
    fc.record({
      running: fc.nat(4),
      max: fc.nat(8),
      served: fc.nat(99),
      lanes: fc.array(aLane, { maxLength: 3 }),
    }),
    {
      maxLength: 4,
    },
  )
  .map((list) =>
    list.map(({ lanes, ...one }, at) =>
      share(
        `r${at}`,
        lanes.map(({ wishes, running, max }, index) =>
          lane(
            `e${index}`,
            wishes.map(([kind, ms], wish): Wish => [`${at}.${index}.${wish}`, kind, ms]),
            { running, max },
          ),
        ),
        one,
      ),
    ),
  );

test("S9 no cap is exceeded, no room is left where something could start, and nothing starts twice", () => {
  fc.assert(
    fc.property(someShares, fc.nat(12), (shares, room) => {
      const { jobs } = chooseJobs({ served: 0, room, shares });
      const started = new Set(jobs.map((job) => job.attempt));
      expect(started.size).toBe(jobs.length);
      expect(jobs.length).toBeLessThanOrEqual(room);
      for (const one of shares) {
        const own = one.lanes.map((each) => each.waiting.filter((job) => started.has(job.attempt)));
        const all = own.flat().length;
        expect(all).toBeLessThanOrEqual(Math.max(0, one.max - one.running));
        for (const [at, each] of one.lanes.entries()) {
          const here = own[at]?.length ?? 0;
          expect(here).toBeLessThanOrEqual(Math.max(0, each.max - each.running));
          const couldStart =
            here < each.waiting.length &&
            each.running + here < each.max &&
            one.running + all < one.max;
          if (couldStart) expect(jobs).toHaveLength(room);
        }
      }
    }),
  );
});

test("L42 a job with n older ones starts within 4 × (n + 1) starts, whatever else arrives", () => {
  fc.assert(
    fc.property(fc.nat(6), fc.nat(3), (older, starts) => {
      // A stream of applies that never ends, and a plan that is the least urgent of all.
      let wishes: Wish[] = Array.from({ length: older }, (_, at) => plan(`old${at}`, 9));
      wishes.push(plan("last", 0));
      let turns = starts;
      for (let round = 1; round <= OLDEST_EVERY * (older + 1); round++) {
        wishes = [...wishes, apply(`new${round}`), apply(`newer${round}`)];
        const own = share("r", [lane("", wishes)], { starts: turns });
        const { jobs } = chooseJobs({ served: 0, room: 1, shares: [own] });
        const [started] = jobs;
        if (started?.attempt === "last") return;
        wishes = wishes.filter(([name]) => name !== started?.attempt);
        turns += 1;
      }
      expect.fail("it was overtaken too often");
    }),
  );
});

test("the order in which repositories are read does not matter (S30)", () => {
  fc.assert(
    fc.property(someShares, fc.nat(12), (shares, room) => {
      const one = chooseJobs({ served: 5, room, shares });
      const other = chooseJobs({ served: 5, room, shares: [...shares].reverse() });
      expect(names(other)).toBe(names(one));
    }),
  );
});
