import { setTimeout as sleep } from "node:timers/promises";
import type { Context, Hono } from "hono";
import { unreachable } from "../base/unreachable.ts";
import {
  BuiltBody,
  INDEX_BYTES_MAX,
  IndexBody,
  type NextReply,
  type WorkItem,
} from "../contract/work.ts";
import type { BuilderAnswer, IndexOutcome, NextOutcome } from "../engine/runner-door.ts";
import type { ClaimedRun, Session } from "../ports/runner-store.ts";
import { readJson } from "./body.ts";
import { busy, Problem } from "./errors.ts";
import { pullRequestPage, type Services } from "./services.ts";
import { storable, storedTree } from "./stored-tree.ts";
import { workItem } from "./work-item.ts";

/** The session of the run that a request names. */
export type SessionOf = (context: Context) => Promise<Session>;

/** Each is held in memory as text and as values; the others come again a moment later. */
const INDEXES_MAX = 2;
/** A job that waits is answered after this long at the latest, and asks again. */
const WAIT_MS_MAX = 10_000;
/** What to plan is decided within half a second or so; afterwards it does not matter much. */
const LOOK_EVERY_MS = 250;
const LOOK_SELDOM_MS = 1_000;
const LOOKS_OFTEN = 12;
/** More jobs than these are answered at once. */
const WAITERS_MAX = 200;

/** What a job finds out about the code before it is known what to plan, and what it plans then. */
export function addPreparing(
  app: Hono,
  services: Services,
  sessionOf: SessionOf,
  heartbeatSeconds: number,
): void {
  const door = services.engine.runner;
  let indexes = 0;
  let waiters = 0;

  async function wait(session: Session, signal: AbortSignal): Promise<NextOutcome> {
    const until = performance.now() + WAIT_MS_MAX;
    for (let looks = 1; ; looks += 1) {
      const next = await door.next(session);
      const isOver = performance.now() > until || waiters > WAITERS_MAX || signal.aborted;
      if (next.kind !== "wait" || isOver) return next;
      await sleep(looks < LOOKS_OFTEN ? LOOK_EVERY_MS : LOOK_SELDOM_MS);
    }
  }

  app
    .post("/runs/:run/index", async (context) => {
      const session = await sessionOf(context);
      if (indexes >= INDEXES_MAX) throw busy("Other indexes are being stored.", 1);
      indexes += 1;
      try {
        const body = await readJson(context.req.raw, IndexBody, INDEX_BYTES_MAX);
        const outcome = await door.indexed(session, body.commit, body.index);
        return context.json({ recorded: isRecorded(outcome) });
      } finally {
        indexes -= 1;
      }
    })
    .post("/runs/:run/built", async (context) => {
      const session = await sessionOf(context);
      if (indexes >= INDEXES_MAX) throw busy("Other lists of files are being stored.", 1);
      indexes += 1;
      try {
        const body = await readJson(context.req.raw, BuiltBody, INDEX_BYTES_MAX);
        const outcome = await door.built(session, body.commit, saidBy(body), body.digest);
        return context.json({ recorded: isRecorded(outcome) });
      } finally {
        indexes -= 1;
      }
    })
    .post("/runs/:run/next", async (context) => {
      const session = await sessionOf(context);
      waiters += 1;
      try {
        const next = await wait(session, context.req.raw.signal);
        return context.json(await replyFor(services, next, heartbeatSeconds));
      } finally {
        waiters -= 1;
      }
    });
}

function saidBy(body: BuiltBody): BuilderAnswer {
  return body.what === "config"
    ? { kind: "built_config", text: storable(body.text) }
    : { kind: "built_tree", tree: storedTree(body.tree) };
}

/** A forged index is refused with its own reason. */
function isRecorded(outcome: IndexOutcome): boolean {
  switch (outcome) {
    case "recorded":
      return true;
    case "repeated":
      return false;
    case "other_commit":
      throw new Problem(409, "INDEX_OTHER_COMMIT", "This is of another commit than the run.");
    case "not_asked":
      throw new Problem(409, "INDEX_NOT_ASKED", "This run was not asked to find that out.");
    case "conflict":
      throw new Problem(409, "INDEX_CONFLICT", "This run has reported something else already.");
    case "over":
      throw new Problem(410, "RUN_OVER", "The run has ended.");
    default:
      return unreachable(outcome);
  }
}

async function replyFor(
  services: Services,
  next: NextOutcome,
  heartbeatSeconds: number,
): Promise<NextReply> {
  switch (next.kind) {
    case "wait":
      return next;
    case "over":
      return { kind: "done", finished: next.outcome === "finished" };
    case "preparing":
    case "filled":
      return { kind: "work", work: await itemFor(services, next, heartbeatSeconds) };
    default:
      return unreachable(next);
  }
}

/** The run as its runner gets it. */
export async function itemFor(
  services: Services,
  { run, sealKey }: { readonly run: ClaimedRun; readonly sealKey: Uint8Array },
  heartbeatSeconds: number,
): Promise<WorkItem> {
  const { repository, number } = run.pullRequest;
  return workItem({
    run,
    sealKey,
    cloneUrl: await services.cloneUrl(repository.vcs, repository.ref),
    heartbeatSeconds,
    dashboardUrl: pullRequestPage(services, repository.id, number),
  });
}
