import { isIPv4 } from "node:net";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { Adapters } from "../ports/adapters.ts";
import type { Log } from "../ports/log.ts";
import type { SessionStore } from "../ports/session-store.ts";
import type { WebhookReceiver } from "../ports/vcs.ts";
import { apiRoutes } from "./api.ts";
import { type AuthOptions, bearerOf, requireCaller, requireKnownHost, sameSecret } from "./auth.ts";
import { createChangeFeed } from "./change-feed.ts";
import { type CiIssuer, ciIdentityRoutes } from "./ci-identity.ts";
import { compatibleRoutes } from "./compatible/routes.ts";
import { answerError, busy, type IsStoreAway, notFound } from "./errors.ts";
import type { Metrics } from "./metrics.ts";
import { runnerRoutes } from "./runner-api.ts";
import type { Services } from "./services.ts";
import { createSessions, sessionRoutes } from "./session.ts";
import { sseRoutes } from "./sse.ts";
import { programFile, securityHeaders, staticFiles } from "./static.ts";
import { createStreams } from "./stream.ts";
import { webhookRoutes } from "./webhook.ts";

const EVENT_STREAMS_MAX = 500;
const OUTPUT_STREAMS_MAX = 200;

export interface AppOptions {
  readonly services: Services;
  readonly receivers: Adapters<WebhookReceiver>;
  readonly sessions: SessionStore;
  readonly ciIssuer: CiIssuer | undefined;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly isStoreAway: IsStoreAway;
  readonly isReady: () => Promise<boolean>;
  readonly tokenHash: Uint8Array;
  /** Opens the metrics to other machines; without it they are for this one alone. */
  readonly metricsTokenHash?: Uint8Array | undefined;
  /** Names that this server answers to, with port where it is not the usual one. */
  readonly isKnownHost: (host: string) => boolean;
  /** People reach it by https. */
  readonly secure: boolean;
  readonly webDir: string | undefined;
  /** The bundled runner, which CI jobs fetch. */
  readonly runnerPath?: string | undefined;
  /** The program that reads code, which the runner fetches where it needs it. */
  readonly indexProgramPath?: string | undefined;
  readonly heartbeatSeconds: number;
  /** Where existing runners ask, for the repositories of each VCS; `base` is a path. */
  readonly existingRunners?: readonly ExistingRunnerRoute[];
  readonly now: () => number;
}

export interface ExistingRunnerRoute {
  /** Undefined: what the path has in the place of `:vcs`. */
  readonly vcs: string | undefined;
  readonly base: string;
}

export interface App {
  readonly fetch: (request: Request, env: HttpBindings) => Response | Promise<Response>;
  /** Ends the streams; readers come back to whoever answers then. */
  closeStreams(): void;
}

export async function createApp(options: AppOptions): Promise<App> {
  const { services, metrics, log, now } = options;
  const { views } = services;
  const events = createStreams(EVENT_STREAMS_MAX);
  const outputs = createStreams(OUTPUT_STREAMS_MAX);
  metrics.gauge("event_streams", "Pages that follow changes", events.count);
  metrics.gauge("output_streams", "Pages that follow output", outputs.count);
  metrics.gauge("quarantine", "1 while nothing is applied after a failover or a restore", () =>
    services.engine.quarantine() === undefined ? 0 : 1,
  );
  const auth: AuthOptions = {
    tokenHash: options.tokenHash,
    sessions: createSessions(options.sessions, options.tokenHash),
    // The prefix makes browsers refuse the cookie from anywhere else, but only works over https.
    cookieName: options.secure ? "__Host-terrane_session" : "terrane_session",
  };
  const sse = { views, feed: createChangeFeed(views, log), events, outputs };
  const session = sessionRoutes({ ...auth, secureCookie: options.secure, now });
  const { receivers } = options;

  const app = new Hono();
  app.use(metrics.observe, securityHeaders());
  app.onError((error, context) => answerError(context, error, options));
  app.notFound((context) => answerError(context, notFound("address"), options));
  addOperations(app, options);
  app.use(requireKnownHost(options.isKnownHost));
  app.route("/api/v1/runner", runnerRoutes(options));
  app.route("/api/v1/webhooks", webhookRoutes({ receivers, engine: services.engine }));
  app.route("/api/v1/session", session);
  for (const one of options.existingRunners ?? []) addExistingRunners(app, one, services);
  if (options.ciIssuer !== undefined) {
    app.route("/.well-known", ciIdentityRoutes(options.ciIssuer));
  }
  app.use("/api/*", requireCaller(auth));
  app.route("/api/v1", sseRoutes(sse));
  app.route("/api/v1", apiRoutes(services, options.isStoreAway));
  app.all("/api/*", () => {
    throw notFound("address");
  });
  app.all("/.well-known/*", () => {
    throw notFound("address");
  });
  app.get("/runner.js", await programFile(options.runnerPath));
  app.get("/runner-index.cjs", await programFile(options.indexProgramPath));
  app.all("*", await staticFiles(options.webDir));
  return {
    fetch: (request, env) => app.fetch(request, env),
    closeStreams() {
      events.closeAll();
      outputs.closeAll();
    },
  };
}

function addExistingRunners(app: Hono, one: ExistingRunnerRoute, services: Services): void {
  const vcs = (context: Context) => one.vcs ?? context.req.param("vcs") ?? "";
  const apiBaseUrl = (context: Context) =>
    `${services.serverUrl()}${one.base.replace(/:vcs(?:\{.*\})?/, vcs(context))}`;
  const door = services.engine.compatible;
  app.route(`${one.base}/v1/work-manifests`, compatibleRoutes({ door, vcs, apiBaseUrl }));
}

/** For machines that watch this one; they call by address, so any name will do, and they learn nothing else. */
function addOperations(app: Hono, { isReady, metrics, metricsTokenHash }: AppOptions): void {
  app.get("/healthz", (context) => context.text("ok"));
  app.get("/readyz", async (context) =>
    (await isReady()) ? context.text("ok") : context.text("not ok", 503),
  );
  app.get("/metrics", async (context) => {
    const bearer = bearerOf(context);
    // With a token nobody is believed for where the call comes from: not every proxy says for whom it asks.
    const mayRead =
      metricsTokenHash === undefined
        ? isFromHere(context)
        : bearer !== undefined && sameSecret(bearer, metricsTokenHash);
    if (!mayRead) throw notFound("address");
    const { type, text } = await metrics.text();
    return context.body(text, 200, { "content-type": type });
  });
}

/** Directly from this machine; what a proxy on it passes on comes from elsewhere. */
function isFromHere(context: Context): boolean {
  if (context.req.header("x-forwarded-for") !== undefined) return false;
  if (context.req.header("forwarded") !== undefined) return false;
  const { incoming } = context.env as HttpBindings;
  const address = (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/** What is answered before everything is put together, and while it is taken apart. */
export function unready(): Response {
  const { message } = busy("The server is starting or stopping.");
  return Response.json(
    { error: { code: "UNAVAILABLE", message, next: "Try again in a moment." } },
    { status: 503, headers: { "retry-after": "1" } },
  );
}
