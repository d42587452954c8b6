import type { VcsHappening } from "../../../src/core/vcs-event.ts";
import { person } from "../core-world.ts";
import { CENTRAL, type HistoryWorld, NUMBERS } from "./world.ts";

export type Action = (world: HistoryWorld) => Promise<void>;

const COMMANDS = [
  "terrane plan",
  "terrane apply",
  "terrane apply",
  "terrane apply dir:net",
  "terrane plan dir:app",
  "terrane apply-force",
  "terrane apply-autoapprove",
  "terrane unlock",
  "terrane unlock 1",
  "terrane help",
  "hello \u0000 there \ud800",
] as const;

function changed(number: number): VcsHappening {
  return { kind: "pull_request", number, action: "pushed" };
}

/** Something happens on the VCS, and we are told. */
const pullRequestChanges: Action = async (world) => {
  const { random, vcs } = world;
  const number = random.pick(NUMBERS);
  const to = random.below(20);
  if (to < 4) {
    const headSha = world.commit();
    world.change(number, () => ({ headSha }));
  } else if (to === 4) {
    world.change(number, () => ({ state: "closed" }));
  } else if (to === 5) {
    const mergeSha = world.commit();
    world.change(number, (view) => (view.state === "open" ? { state: "merged", mergeSha } : {}));
  } else if (to < 10) {
    world.change(number, (view) => (view.state === "closed" ? { state: "open" } : {}));
  } else if (to === 10) {
    world.change(number, (view) => ({ draft: !view.draft }));
  }
  if (random.chance(0.1)) vcs.changed.set(number, [{ kind: "modified", path: "app/main.tf" }]);
  await world.hear(changed(number));
};

const baseMoves: Action = async (world) => {
  const { random, vcs } = world;
  const after = world.commit();
  vcs.baseChanges = random.chance(0.5) ? [{ kind: "modified", path: "net/main.tf" }] : [];
  for (const number of NUMBERS) {
    world.change(number, () => ({ baseSha: after, defaultBranchSha: after }));
  }
  await world.hear({ kind: "branch_pushed", branch: "main", after });
};

const centralMoves: Action = async (world) => {
  const { random, vcs } = world;
  const after = world.commit();
  vcs.centralCommit = after;
  const engine = random.pick(["terraform", "tofu"]);
  vcs.centralFiles = { "config/overrides.yml": `engine: {name: ${engine}}\n` };
  await world.hear({ kind: "branch_pushed", branch: "main", after }, CENTRAL);
};

const reviewed: Action = async (world) => {
  const number = world.random.pick(NUMBERS);
  const reviewer = person(world.random.pick(["bob", "eve"]));
  world.change(number, ({ reviews, headSha }) => ({
    reviews: [...reviews, { reviewer, verdict: "approved", commit: headSha }],
  }));
  await world.hear({ kind: "review", number });
};

const commented: Action = async (world) => {
  const { random } = world;
  await say(world, random.pick(NUMBERS), random.pick(COMMANDS));
};

export async function say(world: HistoryWorld, number: number, body: string): Promise<void> {
  const author = person(world.random.pick(["ann", "bob", "eve"]));
  const commentId = world.uuid();
  world.vcs.said.set(commentId, { number, author, body });
  await world.hear({ kind: "comment", number, commentId, author, body });
}

const deliveredTwice: Action = async ({ random, deliveries, engine }) => {
  if (deliveries.length > 0) await engine.receive("fake", random.pick(deliveries));
};

const commandGiven: Action = async ({ random, twins, engine }) => {
  const ids = [...twins.tables.pullRequests.values()].map((row) => row.id);
  if (ids.length === 0) return;
  await engine.command(random.pick(ids), person("bob"), random.pick(COMMANDS), "api");
};

const JOBS_MAX = 12;

/** The alarm clock runs what is due, and sometimes its server dies with the job in its hand. */
const jobsRun: Action = (world) => runJobs(world, world.random.below(2_000), 0.05);

/** `faults` is the chance of each job that its server dies, and that the VCS is away. */
export async function runJobs(world: HistoryWorld, waitMs: number, faults: number): Promise<void> {
  const { random, twins, engine, vcs } = world;
  await twins.wait(waitMs);
  const jobs = faults === 0 ? JOBS_MAX : 1 + random.below(JOBS_MAX);
  for (let done = 0; done < jobs; done++) {
    const did = await twins.job(async ({ what }) => {
      if (random.chance(faults)) return undefined;
      vcs.down = random.chance(faults);
      if (random.chance(2 * faults)) vcs.answersLeft = random.below(8);
      try {
        if (what.task === "perform") await engine.perform(what.key);
        else if (what.task === "admit") await engine.admit(what.installation);
        else while ((await engine.advance(what.pullRequest)).kind !== "idle");
        return "done";
      } catch (error) {
        if (isExpected(error)) return "failed";
        throw error;
      } finally {
        vcs.down = false;
      }
    });
    if (!did) return;
  }
}

const EXPECTED = ["VcsUnavailable", "EffectUnavailable", "Died"];

function isExpected(error: unknown): boolean {
  return error instanceof Error && EXPECTED.includes(error.name);
}

/** Time goes on, and the watch over silent jobs and overdue work runs. */
const ticked: Action = async ({ random, twins, engine, ci }) => {
  await twins.wait(random.pick([500, 13_000, 31_000, 61_000, 200_000, 1_900_000]));
  for (const job of ci.started) {
    if (random.chance(0.15)) {
      ci.statuses.set(
        job.attempt,
        random.chance(0.5)
          ? { kind: "ended", conclusion: "failure" }
          : { kind: "unknown", message: "never heard of it" },
      );
    }
  }
  await engine.tick();
};

const ciEnded: Action = async (world) => {
  const { random, ci } = world;
  const job = ci.started.at(-1 - random.below(3));
  if (job === undefined) return;
  if (random.chance(0.5)) ci.statuses.set(job.attempt, { kind: "ended", conclusion: "success" });
  await world.hear({ kind: "ci_ended", ciRun: `ci-${job.attempt}` });
};

const ciRefuses: Action = async ({ random, ci }) => {
  const answer = random.below(4);
  ci.answer = (job) =>
    answer === 0
      ? { kind: "rejected", message: "no workflow file" }
      : answer === 1
        ? { kind: "started", ciRun: undefined, url: undefined }
        : { kind: "started", ciRun: `ci-${job.attempt}`, url: "http://127.0.0.1/job" };
};

/** Weighted: what happens often happens often here. */
export const VCS_ACTIONS: readonly (readonly [number, Action])[] = [
  [10, pullRequestChanges],
  [3, baseMoves],
  [2, centralMoves],
  [2, reviewed],
  [12, commented],
  [3, deliveredTwice],
  [2, commandGiven],
  [30, jobsRun],
  [4, ticked],
  [1, ciEnded],
  [1, ciRefuses],
];
