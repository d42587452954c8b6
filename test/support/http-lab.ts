import type { HttpBindings } from "@hono/node-server";
import type { Instant } from "../../src/base/brand.ts";
import { JOB_CAPS } from "../../src/core/schedule/caps.ts";
import { type App, createApp } from "../../src/http/app.ts";
import { hashSecret } from "../../src/http/auth.ts";
import { createMetrics } from "../../src/http/metrics.ts";
import type { VcsNotice } from "../../src/http/services.ts";
import type { SetupGuide } from "../../src/http/setup/guide.ts";
import type { VcsBudget } from "../../src/ports/budget.ts";
import type { Received, WebhookReceiver } from "../../src/ports/vcs.ts";
import { reportStore } from "../../src/store/engine/reported.ts";
import { repositoryStore } from "../../src/store/engine/repositories.ts";
import { sessionStore } from "../../src/store/sessions.ts";
import { isDatabaseAway } from "../../src/store/sqlstate.ts";
import { budgetStore } from "../../src/store/views/budgets.ts";
import { failureStore } from "../../src/store/views/failures.ts";
import { viewStore } from "../../src/store/views/store.ts";
import { storyStore } from "../../src/store/views/story.ts";
import { type EngineLab, engineLab } from "./engine-lab.ts";
import { NO_APPS } from "./no-apps.ts";
import { quietLog } from "./quiet.ts";

export const TOKEN = "a-token-that-is-long-enough-for-a-test";
export const HOST = "127.0.0.1:8080";

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the connection comes from. */
  readonly from?: string;
}

/** The whole HTTP surface on a real engine and database; requests are made without a socket. */
export interface HttpLab {
  readonly lab: EngineLab;
  readonly app: App;
  /** What the webhook receiver answers next. */
  received: Received;
  /** What may still be asked of VCSs. */
  budgets: readonly VcsBudget[];
  notices: readonly VcsNotice[];
  /** The clock of doors that wait. */
  now: number;
  ask(path: string, ask?: Ask): Promise<Response>;
  /** The same with the token. */
  call(path: string, ask?: Ask): Promise<Response>;
  close(): Promise<void>;
}

/** A VCS whose jobs need a file. */
const GUIDE: SetupGuide = {
  name: "the fake VCS",
  ciFile: {
    paths: ["ci/jobs.yml"],
    path: "ci/jobs.yml",
    text: "jobs: all\n",
    command: "terrane setup fake",
    needs: [{ has: "jobs:", why: "It has no jobs." }],
    existing: "work-token",
  },
  reach: "Let it in.",
  webhook: "Push something.",
  job: "Tell the jobs.",
};

interface HttpLabOptions {
  /** Where it is reached, for those that give it a socket. */
  readonly host?: () => string;
  readonly runnerPath?: string;
  readonly metricsTokenHash?: Uint8Array;
}

export async function httpLab({
  host = () => HOST,
  runnerPath,
  metricsTokenHash,
}: HttpLabOptions = {}): Promise<HttpLab> {
  const lab = await engineLab();
  const { database, engine } = lab;
  const receiver: WebhookReceiver = {
    kind: "fake",
    receive: () => Promise.resolve(http.received),
  };
  const app = await createApp({
    services: {
      engine,
      views: viewStore(database, JOB_CAPS),
      stories: storyStore(database),
      failures: failureStore(database, { ring: () => undefined }),
      reports: reportStore(database, JOB_CAPS),
      repositories: repositoryStore(database),
      backlogs: budgetStore(database),
      budgets: () => http.budgets,
      notices: () => http.notices,
      vcs: new Map([["fake", lab.vcs]]),
      apps: NO_APPS,
      guides: new Map([["fake", GUIDE]]),
      centralHeads: lab.ports.centralHeads,
      forge: undefined,
      cloneUrl: () => Promise.resolve(undefined),
      serverUrl: () => `http://${host()}`,
      now: () => Date.now() as Instant,
      about: { version: "1.2.3", vcs: () => ["fake"], actor: "ann", database: "external" },
    },
    receivers: new Map([["fake", receiver]]),
    sessions: sessionStore(database),
    ciIssuer: { issuer: () => `http://${HOST}`, jwks: () => ({ keys: [] }) },
    metricsTokenHash,
    metrics: createMetrics(),
    log: quietLog,
    isStoreAway: isDatabaseAway,
    isReady: () => Promise.resolve(true),
    tokenHash: hashSecret(TOKEN),
    isKnownHost: (asked) => asked === host(),
    runnerPath,
    secure: false,
    webDir: undefined,
    heartbeatSeconds: 5,
    existingRunners: [
      { vcs: "fake", base: "/api/github" },
      { vcs: "fake", base: "/api/gitlab" },
      { vcs: "other", base: "/api/other" },
    ],
    now: () => http.now,
  });
  const http: HttpLab = {
    lab,
    app,
    received: { kind: "rejected", status: 400, because: "nothing was scripted" },
    budgets: [],
    notices: [],
    now: 0,
    ask: async (path, ask = {}) => {
      const headers = { host: HOST, ...ask.headers };
      const body = ask.bytes ?? (ask.body === undefined ? null : JSON.stringify(ask.body));
      const method = ask.method ?? (body === null ? "GET" : "POST");
      // A body that is a stream is sent as it comes.
      const init = { method, headers, body: body as BodyInit | null, duplex: "half" };
      const request = new Request(`http://${HOST}${path}`, init);
      const socket = { remoteAddress: ask.from ?? "127.0.0.1" };
      return await app.fetch(request, { incoming: { socket } } as unknown as HttpBindings);
    },
    call: (path, ask = {}) =>
      http.ask(path, { ...ask, headers: { authorization: `Bearer ${TOKEN}`, ...ask.headers } }),
    async close() {
      app.closeStreams();
      await lab.close();
    },
  };
  return http;
}

/** The events of a stream, until `enough` says so; then it is left. */
export async function readEvents(
  response: Response,
  enough: (events: readonly SseEvent[]) => boolean,
): Promise<readonly SseEvent[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const events: SseEvent[] = [];
  let text = "";
  while (reader !== undefined && !enough(events)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = parseEvent(text.slice(0, end));
      if (event !== undefined) events.push(event);
      text = text.slice(end + 2);
    }
  }
  await reader?.cancel();
  return events;
}

export interface SseEvent {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

function parseEvent(block: string): SseEvent | undefined {
  const fields = new Map(
    block.split("\n").map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const event = fields.get("event");
  if (event === undefined) return undefined;
  return { event, id: fields.get("id") ?? "", data: JSON.parse(fields.get("data") ?? "null") };
}
