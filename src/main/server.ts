import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { present } from "../base/assert.ts";
import type { Instant } from "../base/brand.ts";
import type { EventId } from "../core/ids.ts";
import { type CentralHeads, createCentralHeads } from "../engine/central-heads.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { createLanes, type Lanes } from "../engine/lanes.ts";
import { createLooks, type Looks } from "../engine/looks.ts";
import { ENGINE_LIMITS, GRANTS_SHARE_MS } from "../engine/ports.ts";
import { type App, createApp } from "../http/app.ts";
import { hashSecret } from "../http/auth.ts";
import { createMetrics, type Metrics } from "../http/metrics.ts";
import type { Bell } from "../ports/bell.ts";
import type { Log } from "../ports/log.ts";
import type { RepositoryStore } from "../ports/repository-store.ts";
import { fleetStore } from "../store/engine/fleet.ts";
import { reportStore } from "../store/engine/reported.ts";
import { repositoryStore } from "../store/engine/repositories.ts";
import { engineStore } from "../store/engine/store.ts";
import type { Database } from "../store/pool.ts";
import { runnerStore } from "../store/runner/store.ts";
import { sessionStore } from "../store/sessions.ts";
import { isDatabaseAway, SQLSTATE, sqlState } from "../store/sqlstate.ts";
import { CommitOutcomeUnknown } from "../store/transaction.ts";
import { budgetStore } from "../store/views/budgets.ts";
import { failureStore } from "../store/views/failures.ts";
import { viewStore } from "../store/views/store.ts";
import { storyStore } from "../store/views/story.ts";
import { addressOf, knownHosts } from "./address.ts";
import { startAlarmClock } from "./alarm-clock.ts";
import { type Apps, openApps } from "./apps/open-apps.ts";
import { backlogMetrics } from "./backlog-metrics.ts";
import { budgetMetrics } from "./budget-metrics.ts";
import { type Config, readConfig } from "./config.ts";
import { type CredentialWatch, watchCredentials } from "./credential-watch.ts";
import { type DataDir, openDataDir } from "./data-dir.ts";
import { createDeciding, type Deciding } from "./deciding.ts";
import { EXISTING_RUNNERS, existingRunners } from "./existing-runners.ts";
import { type Fleet, joinFleet } from "./fleet.ts";
import { type HttpServer, listen } from "./http-server.ts";
import { besideProgram, createLocal, type Local } from "./local.ts";
import { createLog } from "./log.ts";
import { openStore } from "./open-store.ts";
import { outsideTransactions } from "./outside-transactions.ts";
import { replayDecisions } from "./replay.ts";
import { setupGuides } from "./setup/guides.ts";
import { startTicking } from "./ticking.ts";
import { type Undo, undoList } from "./undo.ts";
import { createUpkeep } from "./upkeep.ts";
import { VERSION } from "./version.ts";

export interface StartOptions {
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Undefined: an embedded PostgreSQL in the data directory. */
  readonly databaseUrl?: string | undefined;
  readonly host?: string;
  /** As pino has them, or `silent`. */
  readonly logLevel?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface RunningServer {
  readonly url: string;
  /** Opens every door of this server. */
  readonly token: string;
  /** Settles, with the reason, when a newer version has made this one too old to work on its database (L38). */
  readonly retired: Promise<string>;
  /** Finishes what was begun and stops; CI jobs go on without us. Safe to call twice. */
  stop(): Promise<void>;
}

const READY_MS_MAX = 2_000;
/** Enough to meet every kind of event, and done in a few seconds. */
const REPLAYED_DAILY = 100;

/** Starts one server: database, engine, forge, CI and the doors to all of it. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const env = options.env ?? process.env;
  const config = readConfig(env);
  const log = createLog(options.logLevel ?? "info");
  const undo = undoList(log);
  try {
    return await start(options, config, { env, log, undo });
  } catch (error) {
    await undo.all();
    throw error;
  }
}

async function start(
  options: StartOptions,
  config: Config,
  { env, log, undo }: { readonly env: NodeJS.ProcessEnv; readonly log: Log; readonly undo: Undo },
): Promise<RunningServer> {
  let draining = false;
  const host = options.host ?? "127.0.0.1";
  const dataDir = openDataDir(options.dataDir);
  const http = await listen(host, options.port);
  undo.add(() => http.stop());
  const serverUrl = addressOf(host, http.port, config.publicUrl);
  const { database, embedded } = await openStore(options.databaseUrl, config, {
    dataDir,
    log,
    undo,
  });

  const connected = await connectEngine({ database, dataDir, config, env, log, serverUrl });
  const { local } = connected;
  const metrics = createMetrics();
  const { connections } = connected.apps;
  const credentials = watchCredentials({ connections, metrics, log, now: Date.now });
  const shared = { ...connected, database, config, embedded, log, metrics, credentials };
  const repositories = repositoryStore(database);
  const token = config.token ?? dataDir.token();
  const app = await composeApp({
    ...shared,
    repositories,
    http,
    serverUrl,
    token,
    bell: connected.deciding,
    isDraining: () => draining,
  });

  await local.start(repositories);
  undo.add(() => local.stop());
  undo.add(async () => {
    // New ones are refused first: pages whose stream ends come back at once.
    const stopped = http.stop();
    app.closeStreams();
    await stopped;
  });
  const fleet = startUpkeep({ ...shared, undo });
  // First of all nobody new is sent here; who comes all the same is still answered.
  undo.add(async () => {
    draining = true;
    await fleet.drain();
  });
  http.serve(app.fetch);
  dataDir.announce(serverUrl);
  undo.add(() => dataDir.retract());
  log.info({ url: serverUrl, version: VERSION }, "Terrane is up");
  return { url: serverUrl, token, retired: fleet.retired, stop: () => undo.all() };
}

interface Connected {
  readonly local: Local;
  readonly apps: Apps;
  readonly heeds: Heeds;
  readonly deciding: Deciding;
  readonly engine: Engine;
}

/** The parts that decide and act. They know each other, and do nothing before they are told or started. */
async function connectEngine(parts: {
  readonly database: Database;
  readonly dataDir: DataDir;
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly serverUrl: string;
}): Promise<Connected> {
  const { database, dataDir, config, env, log, serverUrl } = parts;
  // The forge and the CI system tell the engine what happens, and the engine needs both: it comes second, and
  // nothing is told before they are started.
  const told: { engine: Engine | undefined } = { engine: undefined };
  const local = await createLocal({
    database,
    dataDir: dataDir.path,
    config,
    env,
    log,
    serverUrl,
    engine: () => present(told.engine, "nothing is told before there is an engine"),
  });
  const apps = await openApps({
    database,
    config,
    secretKey: config.secretKey ?? dataDir.secretKey(),
    local: {
      vcs: outsideTransactions(local.forge.vcs, "vcs.local"),
      ci: outsideTransactions(local.ci, "ci.local"),
    },
    serverUrl,
    log,
  });
  const heeds = {
    centralHeads: createCentralHeads(() => performance.now()),
    lanes: createLanes(() => performance.now()),
    looks: createLooks(() => performance.now(), GRANTS_SHARE_MS),
  };
  const deciding = createDeciding(
    () => present(told.engine, "nobody rings before there is an engine"),
    log,
  );
  const engine = composeEngine({
    database,
    apps,
    heeds,
    config,
    dataDir,
    serverUrl,
    log,
    bell: deciding,
  });
  told.engine = engine;
  return { local, apps, heeds, deciding, engine };
}

/** What happens by the clock: alarms, other servers, what was lost and what is forgotten. */
function startUpkeep(parts: {
  readonly database: Database;
  readonly config: Config;
  readonly apps: Apps;
  readonly heeds: Heeds;
  readonly deciding: Deciding;
  readonly engine: Engine;
  readonly embedded: boolean;
  readonly credentials: CredentialWatch;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly undo: Undo;
}): Fleet {
  const { database, config, apps, deciding, engine, embedded, metrics, log, undo } = parts;
  backlogMetrics(metrics, failureStore(database, deciding), () => performance.now());
  budgetMetrics(metrics, () => apps.connections.budgets(), Date.now);
  const clock = startAlarmClock({
    database,
    engine,
    lanes: parts.heeds.lanes,
    bell: deciding,
    log,
    alone: embedded,
    listens: config.directDatabaseUrl === undefined,
  });
  const servers = fleetStore(database);
  const fleet = joinFleet({ store: servers, log, advancing: () => deciding.advancing() });
  undo.add(() => fleet.leave());
  // Together at most the time of the slower one.
  undo.add(() => Promise.all([deciding.stop(), clock.stop()]));
  const upkeep = createUpkeep({
    engine,
    store: servers,
    deliveries: () => apps.connections.deliveries(),
    deciding,
    retention: config.retention,
    replay: () => replayDecisions(database, { limit: REPLAYED_DAILY }),
    credentials: parts.credentials,
    metrics,
    log,
  });
  // By themselves: what upkeep waits for keeps no new app waiting, and does not make us look as if we were gone.
  const all = [
    startTicking(upkeep, log, { atOnce: 4 }),
    startTicking(() => apps.connections.refresh(), log),
    startTicking(() => fleet.beat(), log),
  ];
  undo.add(() => Promise.all(all.map((one) => one.stop())));
  return fleet;
}

/** What the engine, its clock and the doors heed together. */
interface Heeds {
  readonly centralHeads: CentralHeads;
  /** What is asked of adapters at once. */
  readonly lanes: Lanes;
  readonly looks: Looks;
}

function composeEngine(parts: {
  readonly database: Database;
  readonly apps: Apps;
  readonly heeds: Heeds;
  readonly config: Config;
  readonly dataDir: DataDir;
  readonly serverUrl: string;
  readonly log: Log;
  readonly bell: Bell;
}): Engine {
  const { database, log, bell } = parts;
  const { connections } = parts.apps;
  const secretKey = parts.config.secretKey ?? parts.dataDir.secretKey();
  return createEngine({
    store: {
      ...engineStore(database, () => randomUUID() as EventId, bell),
      ...reportStore(database, parts.config.jobs),
    },
    runners: runnerStore(database, bell),
    vcs: connections.vcs,
    ci: connections.ci,
    ...parts.heeds,
    random: { uuid: randomUUID, bytes: randomBytes },
    secrets: {
      sha256: (bytes) => createHash("sha256").update(bytes).digest(),
      deriveKey: (purpose) => createHmac("sha256", secretKey).update(purpose).digest(),
    },
    log,
    serverUrl: () => parts.serverUrl,
    commentWords: parts.config.commentWords,
    existingRunners: existingRunners(parts.config, parts.serverUrl),
    limits: {
      ...ENGINE_LIMITS,
      jobs: parts.config.jobs,
      progressMs: parts.config.progressMs ?? ENGINE_LIMITS.progressMs,
      turnMs: parts.config.turnMs ?? ENGINE_LIMITS.turnMs,
      quarantineMs: parts.config.quarantineMs ?? ENGINE_LIMITS.quarantineMs,
      codeMs: parts.config.codeMs,
    },
  });
}

function composeApp(parts: {
  readonly database: Database;
  readonly engine: Engine;
  readonly repositories: RepositoryStore;
  readonly local: Local;
  readonly apps: Apps;
  readonly heeds: Heeds;
  readonly config: Config;
  readonly http: HttpServer;
  readonly log: Log;
  readonly embedded: boolean;
  readonly serverUrl: string;
  readonly token: string;
  readonly bell: Bell;
  readonly isDraining: () => boolean;
  readonly credentials: CredentialWatch;
  readonly metrics: Metrics;
}): Promise<App> {
  const { database, engine, repositories, local, config, serverUrl, log } = parts;
  const { connections, registry } = parts.apps;
  const hosts = knownHosts(parts.http.port, serverUrl, config.hosts);
  return createApp({
    services: {
      engine,
      views: viewStore(database, config.jobs),
      reports: reportStore(database, config.jobs),
      stories: storyStore(database),
      failures: failureStore(database, parts.bell),
      repositories,
      backlogs: budgetStore(database),
      budgets: () => connections.budgets(),
      notices: () => parts.credentials.notices(),
      vcs: connections.vcs,
      apps: registry,
      centralHeads: parts.heeds.centralHeads,
      guides: setupGuides(connections, config.github?.apiUrl),
      forge: local.forge,
      cloneUrl: (vcs, ref) =>
        vcs === local.forge.vcs.kind ? local.cloneUrl(ref.id) : Promise.resolve(undefined),
      serverUrl: () => serverUrl,
      now: () => Date.now() as Instant,
      about: {
        version: VERSION,
        vcs: () => connections.keys(),
        actor: config.actor,
        database: parts.embedded ? "embedded" : "external",
      },
    },
    receivers: connections.receivers,
    sessions: sessionStore(database),
    ciIssuer: { issuer: () => serverUrl, jwks: () => local.ci.jwks() },
    metrics: parts.metrics,
    log,
    isStoreAway,
    isReady: async () => !parts.isDraining() && (await isReady(database)),
    tokenHash: hashSecret(parts.token),
    metricsTokenHash:
      config.metricsToken === undefined ? undefined : hashSecret(config.metricsToken),
    isKnownHost: (name) => hosts.has(name),
    secure: serverUrl.startsWith("https:"),
    webDir: besideProgram("web"),
    runnerPath: besideProgram("runner.js"),
    indexProgramPath: besideProgram("runner-index.cjs"),
    heartbeatSeconds: ENGINE_LIMITS.heartbeatSeconds,
    existingRunners: EXISTING_RUNNERS,
    now: Date.now,
  });
}

function isStoreAway(error: unknown): boolean {
  if (error instanceof CommitOutcomeUnknown || isDatabaseAway(error)) return true;
  return sqlState(error) === SQLSTATE.queryCanceled;
}

async function isReady(database: Database): Promise<boolean> {
  const asked = database.pool.query("select 1").then(
    () => true,
    () => false,
  );
  return await Promise.race([asked, sleep(READY_MS_MAX, false, { ref: false })]);
}
