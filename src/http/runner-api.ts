import { type Context, Hono } from "hono";
import { claimAudience } from "../contract/runner-api.ts";
import {
  FinishBody,
  GrantBody,
  HeartbeatBody,
  OutputBody,
  PLAN_BYTES_MAX,
  ResultBody,
} from "../contract/work.ts";
import type { AttemptId } from "../core/ids.ts";
import type { Session } from "../ports/runner-store.ts";
import { bearerOf } from "./auth.ts";
import { readBytes, readJson } from "./body.ts";
import { busy, notFound, Problem } from "./errors.ts";
import { idOf } from "./handlers/params.ts";
import { addPreparing, itemFor, type SessionOf } from "./runner-prepare.ts";
import type { Services } from "./services.ts";
import { leftIssue, unitReport } from "./unit-report.ts";
import { keyOf } from "./work-item.ts";

const KB = 1024;
const MB = 1024 * KB;
/** A chunk of 64,000 characters, each escaped. */
const OUTPUT_BYTES_MAX = 512 * KB;
/** 5,000 changes with long addresses, and two texts. */
const RESULT_BYTES_MAX = 16 * MB;
const HEARTBEAT_BYTES_MAX = 4 * MB;
const SMALL_BYTES_MAX = 1 * MB;
/** Each is held in memory whole while it is stored; the others come again a moment later. */
const PLAN_UPLOADS_MAX = 6;
const DIGEST = /^[0-9a-f]{64}$/;

export interface RunnerRoutesOptions {
  readonly services: Services;
  readonly heartbeatSeconds: number;
}

/** The runner's door (see `contract/runner-api.ts`), below `/api/v1/runner`. */
export function runnerRoutes({ services, heartbeatSeconds }: RunnerRoutesOptions): Hono {
  const door = services.engine.runner;

  /** The run's credential names the run; the path only has to agree. */
  async function sessionOf(context: Context): Promise<Session> {
    const credential = bearerOf(context);
    const session = credential === undefined ? undefined : await door.session(credential);
    if (session === undefined) {
      throw new Problem(401, "UNAUTHENTICATED", "This is not the credential of a run.");
    }
    if (session.run.runId !== context.req.param("run")) throw notFound("run");
    return session;
  }

  /** Nobody fills the database with a credential whose job is long over; what was applied may be told for longer (S27). */
  async function writingSessionOf(context: Context): Promise<Session> {
    const session = await sessionOf(context);
    if (session.spent) throw new Problem(410, "RUN_OVER", "The job of this credential has ended.");
    return session;
  }

  const app = new Hono()
    .post("/attempts/:attempt/claim", (context) => claim(context, services, heartbeatSeconds))
    .post("/runs/:run/heartbeat", async (context) => {
      const session = await sessionOf(context);
      const body = await readJson(context.req.raw, HeartbeatBody, HEARTBEAT_BYTES_MAX);
      // Also the last words of a run that is over are a sign of life.
      const reply = await door.heartbeat(session, body.running.map(keyOf));
      if (session.over) throw new Problem(410, "RUN_OVER", "The run has ended.");
      return context.json(reply);
    })
    .post("/runs/:run/output", async (context) => {
      const session = await writingSessionOf(context);
      const body = await readJson(context.req.raw, OutputBody, OUTPUT_BYTES_MAX);
      const nextSeq = await door.appendOutput(session, keyOf(body.unit), body.seq, body.text);
      if (nextSeq === undefined) throw notFound("unit");
      return context.json({ nextSeq });
    });
  addResults(app, services, sessionOf);
  addPreparing(app, services, sessionOf, heartbeatSeconds);
  return addPlans(app, services, writingSessionOf);
}

function addResults(app: Hono, { engine }: Services, sessionOf: SessionOf): void {
  const door = engine.runner;
  app
    .post("/runs/:run/results", async (context) => {
      const session = await sessionOf(context);
      const body = await readJson(context.req.raw, ResultBody, RESULT_BYTES_MAX);
      const report = unitReport(body.result);
      const durationMs = Math.round(Math.min(Math.max(body.durationMs, 0), 2_147_483_647));
      const recorded = await door.report(session, keyOf(body.unit), report, durationMs);
      switch (recorded) {
        case "recorded":
          return context.json({ recorded: true });
        case "repeated":
          return context.json({ recorded: false });
        case "unknown_unit":
          throw notFound("unit");
        case "bad_fence":
          throw new Problem(409, "BAD_FENCE", "The result carries another fence than its grant.");
        case "conflict":
          throw new Problem(409, "CONFLICT", "The unit has another result already.");
      }
    })
    .post("/runs/:run/grants", async (context) => {
      const session = await sessionOf(context);
      const body = await readJson(context.req.raw, GrantBody, SMALL_BYTES_MAX);
      const granted = await door.grant(session, keyOf(body.unit), body.planDigest ?? undefined);
      switch (granted.kind) {
        case "granted": {
          const sealKey = Buffer.from(granted.sealKey).toString("base64");
          return context.json({ kind: "granted", fence: granted.fence, sealKey });
        }
        case "refused":
          return context.json(granted);
        case "unavailable":
          throw busy(granted.message);
      }
    })
    .post("/runs/:run/finish", async (context) => {
      const session = await sessionOf(context);
      const body = await readJson(context.req.raw, FinishBody, RESULT_BYTES_MAX);
      const { failure, hooks, gates } = body;
      const issues = body.issues?.map(leftIssue);
      await door.finish(session, { failure: failure ?? undefined, hooks, gates, issues });
      return context.body(null, 204);
    });
}

function addPlans(app: Hono, { engine }: Services, sessionOf: SessionOf): Hono {
  const door = engine.runner;
  let uploads = 0;
  return app
    .put("/runs/:run/plans/:digest", async (context) => {
      const session = await sessionOf(context);
      const digest = digestOf(context);
      if (uploads >= PLAN_UPLOADS_MAX) throw busy("Other plans are being stored.", 1);
      uploads += 1;
      try {
        const sealed = await readBytes(context.req.raw, PLAN_BYTES_MAX);
        if (sealed.byteLength === 0) throw new Problem(400, "BAD_BODY", "The plan is empty.");
        if (!(await door.putPlan(session, digest, sealed))) {
          throw new Problem(
            409,
            "TOO_MANY_PLANS",
            "This job has stored more plans than it can need.",
          );
        }
      } finally {
        uploads -= 1;
      }
      return context.body(null, 204);
    })
    .get("/runs/:run/plans/:digest", async (context) => {
      const session = await sessionOf(context);
      const sealed = await door.plan(session, undefined, digestOf(context));
      if (sealed === undefined) throw notFound("plan");
      return context.body(new Uint8Array(sealed), 200, {
        "content-type": "application/octet-stream",
      });
    });
}

function digestOf(context: Context): string {
  const digest = context.req.param("digest") ?? "";
  if (DIGEST.test(digest)) return digest;
  throw new Problem(400, "BAD_DIGEST", "A digest is 64 lower-case hexadecimal digits.");
}

/** P6: the job shows who it is and gets a credential that is good for this one run. */
async function claim(
  context: Context,
  services: Services,
  heartbeatSeconds: number,
): Promise<Response> {
  const attempt = idOf(context.req.param("attempt")) as AttemptId;
  const token = bearerOf(context);
  if (token === undefined) {
    throw new Problem(401, "UNAUTHENTICATED", "A claim needs the CI job's identity token.");
  }
  const audience = claimAudience(services.serverUrl(), attempt);
  const outcome = await services.engine.runner.claim(attempt, token, audience);
  switch (outcome.kind) {
    case "unavailable":
      throw busy(outcome.message);
    case "refused":
      throw new Problem(outcome.status, outcome.code, outcome.message);
    case "claimed": {
      const work = await itemFor(services, outcome, heartbeatSeconds);
      return context.json({ credential: outcome.credential, work });
    }
  }
}
