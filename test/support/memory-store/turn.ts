import { present } from "../../../src/base/assert.ts";
import type { Instant } from "../../../src/base/brand.ts";
import { compareText, type DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { Decision } from "../../../src/core/decision.ts";
import type { Answer } from "../../../src/core/fact.ts";
import type { EventId, PullRequestId } from "../../../src/core/ids.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import type { EngineStore, StoredPullRequest, Turn } from "../../../src/ports/engine-store.ts";
import { ERROR_CHARS_MAX } from "../../../src/store/engine/turn.ts";
import { refuse } from "./constraints.ts";
import type { MemoryDatabase } from "./database.ts";
import { ensureDirspaces, findDirspace, splitKey } from "./dirspaces.ts";
import { wantEffects } from "./outbox.ts";
import { changePullRequest, needPullRequest, storedPullRequest } from "./pull-requests.ts";
import type { DirspaceRow, EventRow } from "./rows.ts";
import { readSnapshot } from "./snapshot.ts";
import { stored } from "./stored.ts";
import { storeWrites } from "./writes.ts";

type TurnStore = Pick<
  EngineStore,
  "takeTurn" | "knownAnswers" | "keepAnswers" | "dropAnswers" | "postpone" | "setAside"
>;

export function turnStore(db: MemoryDatabase): TurnStore {
  const { commitFacts, events } = db.tables;
  return {
    takeTurn: (id, use) =>
      db.transaction(async () => {
        const pullRequest = storedPullRequest(db, id);
        const next = nextEvent(db, id);
        if (pullRequest === undefined || next === undefined) return { kind: "idle" };
        return { kind: "taken", value: await use(openTurn(db, pullRequest, next)) };
      }),
    knownAnswers: (repository, keys) =>
      db.transaction(() => {
        const known = new Map<string, Answer>();
        for (const key of keys) {
          const answer = commitFacts.get(`${repository}|${key}`)?.answer;
          if (answer !== undefined) known.set(key, answer);
        }
        return known;
      }),
    keepAnswers: (eventId, { pullRequest, repository, observed }, answers) =>
      db.transaction(() => {
        const isUnmoved = db.tables.pullRequests.get(pullRequest)?.observedSeq === observed;
        for (const { key, answer, immutable } of answers) {
          const kept = stored(answer);
          const name = `${repository}|${key}`;
          if (immutable && commitFacts.get(name) === undefined) {
            commitFacts.put(name, { repositoryId: repository, key, answer: kept });
          }
          if (!immutable && !isUnmoved) continue;
          const row = { eventId, key, answer: immutable ? undefined : kept };
          db.tables.eventFacts.put(`${eventId}|${key}`, row);
        }
      }),
    dropAnswers: (event) => db.transaction(() => dropFacts(db, event)),
    setAside: (id, error) =>
      db.transaction(() => {
        events.update(id, (row) =>
          row.state === "pending"
            ? { ...row, state: "dead", attempts: row.attempts + 1, error: short(error) }
            : row,
        );
      }),
    postpone: (id, error, pauseMs, whose) =>
      db.transaction(() => {
        const failed = events.get(id);
        if (failed?.state !== "pending") return;
        const notBefore = (db.now + pauseMs) as Instant;
        events.put(id, {
          ...failed,
          attempts: failed.attempts + 1,
          notBefore,
          error: short(error),
        });
        if (whose === "event") return;
        for (const row of db.tables.pendingEvents.of(failed.pullRequestId)) {
          if (row.id === id || (row.notBefore ?? 0) >= notBefore) continue;
          events.put(row.id, { ...row, notBefore });
        }
      }),
  };
}

function short(error: string): string {
  return error.slice(0, ERROR_CHARS_MAX);
}

function nextEvent(db: MemoryDatabase, id: PullRequestId): EventRow | undefined {
  let first: EventRow | undefined;
  for (const row of db.tables.pendingEvents.of(id)) {
    if (row.notBefore !== undefined && row.notBefore > db.now) continue;
    if (first === undefined || row.seq < first.seq) first = row;
  }
  return first;
}

function openTurn(db: MemoryDatabase, pullRequest: StoredPullRequest, next: EventRow): Turn {
  const held = new Map<DirspaceKey, number>();
  const used = readFacts(db, pullRequest, next.id);
  const { observedSeq: observed, observedAt } = needPullRequest(db, pullRequest.id);
  return {
    pullRequest,
    event: { id: next.id, at: next.receivedAt, what: next.happening },
    observed,
    viewAgeMs: observedAt === undefined ? undefined : db.now - observedAt,
    attempts: next.attempts,
    facts: used.facts,
    snapshot: readSnapshot(db, pullRequest, held),
    async hold(dirspaces) {
      for (const row of holdDirspaces(db, pullRequest, dirspaces)) held.set(row.key, row.id);
      return readSnapshot(db, pullRequest, held);
    },
    save: async (snapshot, decision) => save(db, pullRequest, next, used, snapshot, decision),
  };
}

function holdDirspaces(
  db: MemoryDatabase,
  { repository }: StoredPullRequest,
  keys: readonly DirspaceKey[],
): readonly DirspaceRow[] {
  ensureDirspaces(db, repository.id, keys.map(splitKey));
  return keys
    .map((key) => present(findDirspace(db, repository.id, key), "it was just made"))
    .sort((a, b) => a.id - b.id);
}

interface UsedFacts {
  readonly facts: ReadonlyMap<string, Answer>;
  /** Those of them that are kept for the repository. */
  readonly commitFacts: readonly string[];
}

function readFacts(db: MemoryDatabase, { repository }: StoredPullRequest, id: EventId): UsedFacts {
  const facts = new Map<string, Answer>();
  const commitFacts: string[] = [];
  const rows = [...db.tables.factsOf.of(id)].sort((a, b) => compareText(a.key, b.key));
  for (const { key, answer } of rows) {
    const known = answer ?? db.tables.commitFacts.get(`${repository.id}|${key}`)?.answer;
    if (known === undefined) continue;
    facts.set(key, known);
    if (answer === undefined) commitFacts.push(key);
  }
  return { facts, commitFacts };
}

function save(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  next: EventRow,
  used: UsedFacts,
  snapshot: Snapshot,
  decision: Decision,
): void {
  const { decisions, events } = db.tables;
  const event = { id: next.id, at: next.receivedAt, what: next.happening };
  storeWrites(db, pullRequest, event, decision.writes);
  wantEffects(db, pullRequest.id, decision.effects);
  if (decisions.get(next.id) !== undefined) refuse("decision_event", next.id);
  decisions.put(next.id, {
    eventId: next.id,
    pullRequestId: pullRequest.id,
    at: db.now,
    happening: next.happening,
    snapshot,
    ...used,
    writes: decision.writes,
    effects: stored(decision.effects),
    reasons: stored(decision.reasons),
  });
  const row = present(events.get(next.id), "the event is stored");
  if (row.state !== "pending") refuse("event_state", "an event is decided once");
  events.put(next.id, { ...row, state: "decided" });
  dropFacts(db, next.id);
  if (decision.writes.some(({ kind }) => kind === "observe")) {
    dropOlderAnswers(db, pullRequest.id);
    // What was taken from the store is as old as it was.
    const seen = used.facts.get("pull_request");
    const isLookedAt = seen?.kind === "pull_request" && seen.stored !== true;
    if (isLookedAt) changePullRequest(db, pullRequest.id, { observedAt: db.now });
  }
  changePullRequest(db, pullRequest.id, { changeSeq: db.next("change"), updatedAt: db.now });
}

/** What others that wait were told before is older than what is stored now (S24). */
function dropOlderAnswers(db: MemoryDatabase, id: PullRequestId): void {
  const { pendingEvents, factsOf, eventFacts } = db.tables;
  for (const event of pendingEvents.of(id)) {
    for (const { key, answer } of factsOf.of(event.id)) {
      if (answer !== undefined) eventFacts.remove(`${event.id}|${key}`);
    }
  }
}

function dropFacts(db: MemoryDatabase, event: EventId): void {
  const { factsOf, eventFacts } = db.tables;
  for (const { key } of factsOf.of(event)) eventFacts.remove(`${event}|${key}`);
}
