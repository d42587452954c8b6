import { setTimeout as sleep } from "node:timers/promises";
import { type Context, Hono } from "hono";
import { unreachable } from "../../base/unreachable.ts";
import type { CompatibleDoor, InitiateOutcome } from "../../engine/compatible-door.ts";
import type { Session } from "../../ports/runner-store.ts";
import { bearerOf } from "../auth.ts";
import { readBytes, readJson } from "../body.ts";
import { busy, notFound, Problem } from "../errors.ts";
import { idOf } from "../handlers/params.ts";
import { keyOf, splitKey } from "../work-item.ts";
import { InitiateBody, PlanBody } from "./bodies.ts";
import { planData } from "./envelope.ts";
import { manifest } from "./manifest.ts";
import { readResults } from "./read-results.ts";

const MB = 1024 * 1024;
const INITIATE_BYTES_MAX = 64 * 1024;
const RESULTS_BYTES_MAX = 64 * MB;
/** As existing proxies in front of such servers have it. */
const PLAN_BYTES_MAX = 100 * MB;
/** Each is held in memory several times over; the others come again a moment later. */
const LARGE_BODIES_MAX = 3;
/** Such runners give up on an answer after two minutes, and try it five times. */
const WAIT_MS_MAX = 60_000;
const LOOK_EVERY_MS = 250;
const WAITERS_MAX = 200;

export interface CompatibleRoutesOptions {
  readonly door: CompatibleDoor;
  /** Whose repositories a request is about. */
  readonly vcs: (context: Context) => string;
  readonly apiBaseUrl: (context: Context) => string;
}

/** The endpoints of existing runners for one VCS, below `<base>/v1/work-manifests`. */
export function compatibleRoutes(options: CompatibleRoutesOptions): Hono {
  const { door } = options;
  const app = new Hono();
  addInitiate(app, options);

  async function sessionOf(context: Context): Promise<Session> {
    const credential = bearerOf(context);
    const token = idOf(context.req.param("manifest"));
    const session = credential === undefined ? undefined : await door.session(token, credential);
    if (session?.run.pullRequest.repository.vcs === options.vcs(context)) return session;
    throw new Problem(
      401,
      "UNAUTHENTICATED",
      "This needs the token that `initiate` gave for this work manifest.",
    );
  }

  addWork(app, door, sessionOf);
  addPlans(app, door, sessionOf);
  return app;
}

type SessionOf = (context: Context) => Promise<Session>;

function addInitiate(app: Hono, { door, vcs, apiBaseUrl }: CompatibleRoutesOptions): void {
  let waiters = 0;

  /** What follows from what a job has read is decided within a second or so; asked too early, it would find nothing. */
  async function waited(ask: () => Promise<InitiateOutcome>): Promise<InitiateOutcome> {
    waiters += 1;
    try {
      const until = performance.now() + WAIT_MS_MAX;
      for (;;) {
        const outcome = await ask();
        const isOver = performance.now() > until || waiters > WAITERS_MAX;
        if (outcome.kind !== "wait" || isOver) return outcome;
        await sleep(LOOK_EVERY_MS);
      }
    } finally {
      waiters -= 1;
    }
  }

  app.post("/:manifest/initiate", async (context) => {
    const body = await readJson(context.req.raw, InitiateBody, INITIATE_BYTES_MAX);
    const token = idOf(context.req.param("manifest"));
    const job = { ciRun: body.run_id, sha: body.sha };
    const outcome = await waited(() => door.initiate(vcs(context), token, job));
    switch (outcome.kind) {
      case "work":
      case "index":
      case "build":
        return context.json(manifest(outcome, apiBaseUrl(context)));
      case "done":
        return context.json({ type: "done" });
      case "wait":
        throw busy("What to do next is being decided.");
      case "unavailable":
        throw busy(outcome.message);
      case "refused":
        throw new Problem(outcome.status, outcome.code, outcome.message);
      default:
        return unreachable(outcome);
    }
  });
}

function addWork(app: Hono, door: CompatibleDoor, sessionOf: SessionOf): void {
  app
    .put("/:manifest", async (context) => {
      const session = await sessionOf(context);
      await takeResults(context, door, session);
      return context.json({});
    })
    .post("/:manifest/workspaces", async (context) => {
      const session = await sessionOf(context);
      const units = await door.units(session);
      return context.json(units.map(({ dirspace }) => splitKey(dirspace)));
    })
    .post("/:manifest/access-token", async (context) => {
      const outcome = await door.readToken(await sessionOf(context));
      switch (outcome.kind) {
        case "ok":
          return context.json({ access_token: outcome.token });
        case "unavailable":
          throw busy(outcome.message);
        case "refused":
          throw new Problem(403, outcome.code, outcome.message);
        default:
          return unreachable(outcome);
      }
    });
}

/** What cannot be read fails the run with the reason: such a runner does not try again, and nobody should wait for it. */
async function takeResults(
  context: Context,
  door: CompatibleDoor,
  session: Session,
): Promise<void> {
  const read = readResults(await resultBytes(context, door, session));
  switch (read.kind) {
    case "unreadable":
      await door.accept(session, { kind: "failed", message: read.message });
      throw new Problem(400, "BAD_RESULTS", read.message);
    case "built": {
      const outcome = await door.built(session, read.answer, read.withId);
      if (outcome === "unavailable") throw busy("The files of the commit cannot be listed now.");
      takeFound(outcome, "to build anything");
      return;
    }
    case "index": {
      takeFound(await door.indexed(session, read.index), "to read the code");
      return;
    }
    case "units":
    case "failed": {
      const accepted = await door.accept(session, read);
      if (accepted !== "late") return;
      throw new Problem(
        403,
        "RESULT_LATE",
        "The run was over before. The results are kept as evidence and change nothing.",
      );
    }
    default:
      return unreachable(read);
  }
}

async function resultBytes(
  context: Context,
  door: CompatibleDoor,
  session: Session,
): Promise<Uint8Array> {
  try {
    return await readBytes(context.req.raw, RESULTS_BYTES_MAX);
  } catch (error) {
    if (error instanceof Problem) {
      await door.accept(session, {
        kind: "failed",
        message: `The runner's results: ${error.message}`,
      });
    }
    throw error;
  }
}

function takeFound(outcome: Awaited<ReturnType<CompatibleDoor["indexed"]>>, what: string): void {
  switch (outcome) {
    case "recorded":
    case "repeated":
      return;
    case "not_asked":
    case "other_commit":
      throw new Problem(409, "NOT_ASKED", `This run was not asked ${what}.`);
    case "conflict":
      throw new Problem(409, "INDEX_CONFLICT", "This run has reported something else already.");
    case "over":
      throw new Problem(403, "RUN_OVER", "The run has ended.");
    default:
      unreachable(outcome);
  }
}

function addPlans(app: Hono, door: CompatibleDoor, sessionOf: SessionOf): void {
  let uploads = 0;
  app
    .post("/:manifest/plans", async (context) => {
      const session = await sessionOf(context);
      if (uploads >= LARGE_BODIES_MAX) throw busy("Other plans are being stored.", 1);
      uploads += 1;
      try {
        const body = await readJson(context.req.raw, PlanBody, PLAN_BYTES_MAX);
        const plan = { bytes: planData(body.plan_data), changed: body.has_changes };
        const unit = keyOf({ dir: body.path, workspace: body.workspace });
        const stored = await door.storePlan(session, unit, plan);
        if (stored.kind === "stored") return context.json({});
        throw new Problem(stored.status, stored.code, stored.message);
      } finally {
        uploads -= 1;
      }
    })
    .get("/:manifest/plans", async (context) => {
      const session = await sessionOf(context);
      const { path, dir, workspace } = context.req.query();
      const where = { dir: idOf(path ?? dir), workspace: idOf(workspace) };
      if (where.dir === "" || where.workspace === "") throw notFound("plan");
      const fetched = await door.fetchPlan(session, keyOf(where));
      switch (fetched.kind) {
        case "plan":
          return context.json({ data: Buffer.from(fetched.bytes).toString("base64") });
        case "unavailable":
          throw busy(fetched.message);
        case "refused":
          throw new Problem(fetched.status, fetched.code, fetched.message);
        default:
          return unreachable(fetched);
      }
    });
}
