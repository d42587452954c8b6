import type { AttemptId, EventId, PullRequestId } from "../../../src/core/ids.ts";
import type { Action } from "./actions.ts";
import type { HistoryWorld } from "./world.ts";

/** What the engine asks seldom, asked directly. */

class Died extends Error {
  override readonly name = "Died";
}

function pullRequestOf({ random, twins }: HistoryWorld): PullRequestId | undefined {
  const rows = [...twins.tables.pullRequests.values()];
  return rows.length === 0 ? undefined : random.pick(rows).id;
}

function attemptOf({ random, twins }: HistoryWorld): AttemptId {
  const rows = [...twins.tables.attempts.values()];
  return rows.length === 0 ? ("none" as AttemptId) : random.pick(rows).id;
}

/** A server dies in the middle of a turn, after everything was written: nothing of it stays. */
const diesInTurn: Action = async (world) => {
  const id = pullRequestOf(world);
  if (id === undefined) return;
  const dying = world.twins.store.takeTurn(id, async (turn) => {
    await turn.hold(turn.snapshot.dirspaces.map((state) => state.key));
    await turn.save(turn.snapshot, {
      kind: "decide",
      writes: [{ kind: "forget_results" }, { kind: "let_go" }],
      effects: [{ kind: "publish", key: `publish:${id}` }],
      reasons: [{ code: "observed" }],
    });
    throw new Died("in the middle of a turn");
  });
  await dying.catch((error: unknown) => {
    if (!(error instanceof Died)) throw error;
  });
};

const asks: Action = async (world) => {
  const { twins, random, ci } = world;
  const { store, runners } = twins;
  const id = pullRequestOf(world);
  if (id !== undefined) {
    await store.reported(id);
    await store.publication(id, "terrane");
  }
  await store.openAttempt(attemptOf(world));
  await store.attemptToStart(attemptOf(world));
  await runners.attemptOwner(attemptOf(world));
  const job = ci.started.at(-1);
  if (job !== undefined) await store.attemptOfCiRun("fake", `ci-${job.attempt}`);
  await store.noteIgnored("fake", `ignored-${random.below(3)}`, "nobody acts on it");
  const [repository] = twins.tables.repositories.values();
  if (repository === undefined) return;
  await store.pullRequestByNumber(repository.id, random.below(5));
  await store.knownAnswers(repository.id, ["tree:none"]);
};

const starts: Action = async (world) => {
  const attempt = attemptOf(world);
  const ciRun = world.random.pick([undefined, `ci-${attempt}`, "ci-other"]);
  await world.twins.store.attemptStarted(attempt, ciRun, undefined);
};

const ends: Action = async (world) => {
  const { random, twins } = world;
  const how = random.chance(0.5)
    ? ({ kind: "never_started", message: "nobody came" } as const)
    : ({ kind: "ci_ended", conclusion: "failure" } as const);
  const open = [...twins.tables.attempts.values()].filter((one) => one.endedAt === undefined);
  const attempt = open.length > 0 && random.chance(0.8) ? random.pick(open).id : attemptOf(world);
  await twins.store.endAttempt(attempt, world.uuid() as EventId, how);
};

/** A job gets a one-time code, or a job of an existing runner is handed something, whatever becomes of it. */
const handsOut: Action = async (world) => {
  const { random, twins, uuid } = world;
  const attempt = attemptOf(world);
  const hash = Buffer.from(attempt.slice(-32), "utf8");
  await twins.store.openCompatible(attempt, hash);
  await twins.runners.compatibleAttempt(random.chance(0.9) ? hash : Uint8Array.of(1));
  await twins.store.issueCode(attempt, hash, 60_000);
  await twins.runners.code(hash);
  await twins.runners.code(Uint8Array.of(1));
  const manifest = random.pick(["index", "tree", "config", "work"] as const);
  if (random.chance(0.5)) await twins.runners.handOut(attempt, manifest);
  else await twins.runners.handOut(attempt, manifest, Buffer.from(uuid(), "utf8"));
  const works = [...twins.tables.works.values()];
  if (works.length === 0) return;
  const { runId, unit } = random.pick(works);
  const digest = random.chance(0.5) ? "one digest" : "another digest";
  await twins.runners.notePlan(runId, unit.dirspace, { digest, changed: random.chance(0.5) });
};

const setsAside: Action = async ({ random, twins }) => {
  const events = [...twins.tables.events.values()];
  if (events.length === 0) return;
  const event = random.pick(events);
  if (random.chance(0.5)) await twins.store.setAside(event.id, "it cannot be decided");
  else await twins.store.append(event.pullRequestId, event.id, { kind: "review_changed" });
};

const fails: Action = async ({ random, twins }) => {
  const wishes = [...twins.tables.outbox.values()];
  if (wishes.length === 0) return;
  const { key, wanted, effect } = random.pick(wishes);
  await twins.store.effectFailed(key, wanted - random.below(2), "refused", random.chance(0.5));
  if (random.chance(0.3)) await twins.store.effectWaits(key, 1_000 * random.below(90), ["host:a"]);
  if (effect.kind === "publish") await twins.store.effectDone(key, wanted - random.below(2));
};

/** A server that was slow says that it performed a wish, and meanwhile there is a newer one. */
const overtaken: Action = async ({ random, twins }) => {
  const open = [...twins.tables.outbox.values()].filter(({ done, wanted }) => done < wanted);
  if (open.length === 0) return;
  const { key, wanted } = random.pick(open);
  await twins.store.effectDone(key, wanted - 1);
};

export const ODD_ACTIONS: readonly (readonly [number, Action])[] = [
  [2, diesInTurn],
  [3, asks],
  [1, starts],
  [2, ends],
  [1, handsOut],
  [1, setsAside],
  [2, fails],
  [3, overtaken],
];
