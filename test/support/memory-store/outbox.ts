import type { Instant } from "../../../src/base/brand.ts";
import type { Effect } from "../../../src/core/decision.ts";
import type { PullRequestId } from "../../../src/core/ids.ts";
import type { EngineStore } from "../../../src/ports/engine-store.ts";
import { priorityOf } from "../../../src/store/engine/outbox.ts";
import { queueJob } from "./ci-queue.ts";
import type { MemoryDatabase } from "./database.ts";
import { putOffEffect, rouseEffect, wakeEffect } from "./jobs.ts";
import { ownerOf } from "./pull-requests.ts";
import { stored } from "./stored.ts";

/** Wishing for the same key again re-arms it. */
export function wantEffects(
  db: MemoryDatabase,
  pullRequestId: PullRequestId,
  effects: readonly Effect[],
): void {
  for (const wish of effects) {
    const effect = stored(wish);
    if (effect.kind === "dispatch") queueJob(db, effect);
    else wantEffect(db, pullRequestId, effect);
  }
}

export function wantEffect(db: MemoryDatabase, pullRequestId: PullRequestId, effect: Effect): void {
  const { outbox } = db.tables;
  const { key } = effect;
  // Taken also where the row is there already, as an upsert does.
  const seq = db.next("outbox");
  const known = outbox.get(key);
  if (known === undefined) {
    outbox.put(key, {
      key,
      pullRequestId,
      effect,
      priority: priorityOf(effect),
      seq,
      wanted: 1,
      done: 0,
      attempts: 0,
      notBefore: db.now,
      rests: false,
      error: undefined,
      dead: false,
      createdAt: db.now,
      performedAt: undefined,
    });
  } else {
    const earliest = Math.min(known.notBefore, db.now) as Instant;
    const notBefore = known.rests ? earliest : known.notBefore;
    const wanted = known.wanted + 1;
    const wished = { effect, wanted, notBefore, rests: false, attempts: 0, dead: false };
    outbox.put(key, { ...known, ...wished });
  }
  const job = { key, kind: effect.kind, priority: priorityOf(effect) };
  if (known?.rests === true && known.done < known.wanted) rouseEffect(db, job);
  else wakeEffect(db, job);
}

export function outboxStore(
  db: MemoryDatabase,
): Pick<
  EngineStore,
  | "effect"
  | "effectDone"
  | "effectDropped"
  | "effectFailed"
  | "effectWaits"
  | "effectRests"
  | "leftIssues"
> {
  const { outbox } = db.tables;
  return {
    leftIssues: (run) =>
      db.transaction(() => {
        const [attempt] = db.tables.attemptsOf.of(run);
        return attempt?.issues ?? [];
      }),
    effect: (key) =>
      db.transaction(() => {
        const row = outbox.get(key);
        if (row === undefined || row.done >= row.wanted || row.dead) return undefined;
        const { effect, wanted, attempts } = row;
        return { key, effect, pullRequest: ownerOf(db, row.pullRequestId), wanted, attempts };
      }),
    effectDone: (key, wanted) =>
      db.transaction(() => {
        outbox.update(key, (row) => ({
          ...row,
          done: Math.max(row.done, wanted),
          performedAt: db.now,
          error: undefined,
        }));
      }),
    effectDropped: (key, wanted, because) =>
      db.transaction(() => {
        outbox.update(key, (row) => ({ ...row, done: Math.max(row.done, wanted), error: because }));
      }),
    effectFailed: (key, wanted, error, final) =>
      db.transaction(() => {
        outbox.update(key, (row) =>
          row.wanted === wanted
            ? { ...row, attempts: row.attempts + 1, error: stored(error), dead: final }
            : row,
        );
      }),
    effectRests: (key, wanted, pauseMs) =>
      db.transaction(() => {
        const row = outbox.get(key);
        if (row === undefined || row.wanted !== wanted || row.done >= wanted || row.dead) return;
        outbox.put(key, { ...row, notBefore: (db.now + pauseMs) as Instant, rests: true });
        putOffEffect(db, { key, kind: row.effect.kind, priority: row.priority }, pauseMs);
      }),
    effectWaits: (key, pauseMs) =>
      db.transaction(() => {
        const row = outbox.get(key);
        if (row === undefined || row.done >= row.wanted || row.dead) return;
        outbox.put(key, { ...row, notBefore: (db.now + pauseMs) as Instant, rests: false });
        putOffEffect(db, { key, kind: row.effect.kind, priority: row.priority }, pauseMs);
      }),
  };
}
