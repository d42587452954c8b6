import { assert, present } from "../../../src/base/assert.ts";
import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { EventId, PullRequestId } from "../../../src/core/ids.ts";
import type { UnitReport } from "../../../src/core/run/report.ts";
import { runJobs, say } from "./actions.ts";
import type { GivenDatabase } from "./database.ts";
import { COUNTS, claim, failed, pushes } from "./runner-actions.ts";
import { createTwins } from "./twins.ts";
import { createWorld, type HistorySession, type HistoryWorld } from "./world.ts";

/**
 * Short histories with nothing left to chance, each of which reaches what random ones seldom do. `compared` compares
 * the two stores; whoever does not reach what a script is about has an assertion that fails.
 */
export interface Script {
  readonly name: string;
  /** The repository's rules; those of a repository that has none, where it is not given. */
  readonly config?: string;
  readonly play: (world: HistoryWorld, compared: () => Promise<void>) => Promise<void>;
}

const NET = "net:default" as DirspaceKey;

export async function playScript(given: GivenDatabase, script: Script): Promise<void> {
  const { name, play, config } = script;
  const twins = await createTwins(given);
  const world = createWorld(twins, 1);
  world.vcs.config = config;
  for (const number of world.vcs.views.keys()) {
    world.vcs.changed.set(number, [{ kind: "modified", path: "net/main.tf" }]);
  }
  let compared = 0;
  const compare = () => twins.compare(`${name}, comparison ${++compared}`);
  await play(world, compare);
  await compare();
}

/** A push, and the job that it started. */
async function startsJob(world: HistoryWorld, number: number) {
  const before = world.ci.started.length;
  await pushes(world, number);
  assert(world.ci.started.length > before, `#${number} got no job`);
  return present(world.ci.started.at(-1), "the job");
}

async function claims(world: HistoryWorld, token: string): Promise<HistorySession> {
  const job = present(world.ci.started.at(-1), "a job");
  const session = await claim(world, job.attempt, `ci-${job.attempt}`, token);
  return present(session, "the claim was accepted");
}

async function plans(world: HistoryWorld, number: number): Promise<void> {
  await startsJob(world, number);
  const session = await claims(world, world.uuid());
  const planned: UnitReport = {
    outcome: "planned",
    changed: true,
    planDigest: `plan of ${session.run.runId}`,
    counts: COUNTS,
    changes: [],
    text: "",
  };
  await world.engine.runner.report(session, NET, planned, 1_000);
  await world.engine.runner.finish(session, { failure: undefined });
  await runJobs(world, 3_000, 0);
}

async function wantsApply(world: HistoryWorld, number: number): Promise<void> {
  await say(world, number, "terrane apply");
  await runJobs(world, 3_000, 0);
}

async function isGranted(world: HistoryWorld, number: number) {
  await plans(world, number);
  await wantsApply(world, number);
  const session = await claims(world, world.uuid());
  assert(session.run.kind === "apply", "it applies");
  const digest = present(session.units[0]?.plan, "the plan").digest;
  const granted = await world.engine.runner.grant(session, NET, digest);
  assert(granted.kind === "granted", "the grant was given");
  return { session, fence: granted.fence };
}

function idOf({ twins }: HistoryWorld, number: number): PullRequestId {
  const rows = [...twins.tables.pullRequests.values()];
  return present(
    rows.find((row) => row.number === number),
    "the pull request",
  ).id;
}

export const SCRIPTS: readonly Script[] = [
  {
    name: "wishes are performed, fail and are wished for again",
    async play(world, compared) {
      const { store, tables } = world.twins;
      await pushes(world, 1);
      const wish = present([...tables.outbox.values()][0], "a wish");
      await pushes(world, 1);
      const again = present(tables.outbox.get(wish.key), "the same wish");
      assert(again.wanted > wish.wanted, "it was wished for again");
      await compared();
      await store.effectFailed(wish.key, wish.wanted, "an older one failed", true);
      await compared();
      await store.effectFailed(wish.key, again.wanted, "this one failed", false);
      await compared();
      await store.append(idOf(world, 1), world.uuid() as EventId, { kind: "review_changed" });
      await world.engine.advance(idOf(world, 1));
      await world.hear({ kind: "pull_request", number: 1, action: "pushed" });
      await world.engine.advance(idOf(world, 1));
      const open = [...tables.outbox.values()].find(({ done, wanted }) => done < wanted);
      await store.effectDone(present(open, "an open wish").key, 0);
    },
  },
  {
    name: "attempts are claimed by others, with used tokens, and taken for dead",
    async play(world, compared) {
      const { engine, ci, twins } = world;
      ci.answer = () => ({ kind: "started", ciRun: undefined, url: undefined });
      await startsJob(world, 1);
      const first = await claims(world, "one token");
      const other = await claim(world, first.attempt, "ci-other", world.uuid());
      assert(other === undefined, "somebody else has it");
      await compared();
      const event = world.uuid() as EventId;
      await twins.store.endAttempt(first.attempt, event, {
        kind: "never_started",
        message: "nobody came",
      });
      await compared();
      const second = await startsJob(world, 2);
      const used = await claim(world, second.attempt, "ci-2", "one token");
      assert(used === undefined, "the token was used before");
      await compared();
      await claim(world, second.attempt, "ci-2", world.uuid());
      await claim(world, second.attempt, "ci-2", world.uuid());
      await engine.runner.finish(first, { failure: undefined });
    },
  },
  {
    name: "a second job of one attempt claims it before the first one gets its permission",
    async play(world, compared) {
      const { engine, ci, twins } = world;
      await plans(world, 1);
      // The answer to the start was lost: nobody knows yet which CI run it is.
      ci.answer = () => ({ kind: "started", ciRun: undefined, url: undefined });
      await wantsApply(world, 1);
      const first = await claims(world, world.uuid());
      await twins.store.attemptStarted(first.attempt, "ci-second", undefined);
      const second = await claim(world, first.attempt, "ci-second", world.uuid());
      const digest = present(first.units[0]?.plan, "the plan").digest;
      await compared();
      await engine.runner.grant(first, NET, digest);
      await compared();
      const granted = await engine.runner.grant(present(second, "it claims too"), NET, digest);
      assert(granted.kind === "granted", "it is for who has the attempt");
      await compared();
      await engine.runner.finish(first, { failure: { message: "it gives up" } });
      await runJobs(world, 3_000, 0);
    },
  },
  {
    name: "a plan is made beside an apply, whose reports do not all carry its fence",
    config: "version: '1'\nworkflows:\n  - tag_query: ''\n    lock_policy: none\n",
    async play(world, compared) {
      const { session, fence } = await isGranted(world, 1);
      await compared();
      await pushes(world, 2);
      const other = idOf(world, 2);
      const works = [...world.twins.tables.works.values()];
      assert(
        works.some(({ pullRequestId }) => pullRequestId === other),
        "somebody else plans",
      );
      await compared();
      for (const said of [fence + 1, fence - 1]) {
        await world.engine.runner.report(session, NET, failed(said), 10);
        await compared();
      }
      await world.engine.runner.report(session, NET, failed(fence), 10);
      await runJobs(world, 3_000, 0);
    },
  },
  {
    name: "what an apply left behind is unlocked",
    async play(world, compared) {
      const { session, fence } = await isGranted(world, 1);
      await world.engine.runner.report(session, NET, failed(fence), 10);
      await world.engine.runner.finish(session, { failure: undefined });
      await runJobs(world, 3_000, 0);
      assert(world.twins.tables.locks.size > 0, "it owns what it may have changed");
      await compared();
      await say(world, 1, "terrane unlock");
      await runJobs(world, 3_000, 0);
      assert(world.twins.tables.locks.size === 0, "it has let go");
    },
  },
  {
    name: "a forge goes away in the middle of a decision",
    async play(world, compared) {
      const { vcs, engine } = world;
      await pushes(world, 1);
      const headSha = world.commit();
      world.change(1, () => ({ headSha }));
      await world.hear({ kind: "pull_request", number: 1, action: "pushed" });
      vcs.answersLeft = 1;
      const away = await engine.advance(idOf(world, 1));
      assert(away.kind === "postponed", "it cannot be decided now");
      vcs.down = false;
      await compared();
      await runJobs(world, 90_000, 0);
    },
  },
  {
    name: "events that wait are decided in their order",
    async play(world) {
      await pushes(world, 1);
      await say(world, 1, "terrane plan");
      await say(world, 1, "terrane unlock");
      await say(world, 1, "terrane help");
      await world.engine.advance(idOf(world, 1));
    },
  },
];
