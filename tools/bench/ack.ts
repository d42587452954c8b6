import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import type pg from "pg";
import { webhookRoutes } from "../../src/http/webhook.ts";
import type { Database } from "../../src/store/pool.ts";
import { createReceiver } from "../../src/vcs/github/webhook.ts";
import { loadOutput } from "./ack-load.ts";
import { benchEngine } from "./bench-engine.ts";
import type { Benchmark } from "./benchmark.ts";
import { startChild } from "./child.ts";
import { countQueries } from "./count-queries.ts";
import { exactly, rounded, spread } from "./statistics.ts";

const CONNECTIONS = 32;
const PULL_REQUESTS = 64;
const ROUNDS = 5;
const QUICK_ROUNDS = 2;
/** What we keep of a delivery is about as long as this. */
const KEPT_BYTES = 200;
const INSERT = "insert into bare (body) values ($1)";
/** PostgreSQL lets only one transaction at a time commit that notifies, so this is what waking costs by itself. */
const INSERT_AND_WAKE = `
  with kept as (${INSERT} returning id) select pg_notify('bench', id::text) from kept
`;

/** What the sender saw, and what it cost this process, in which the server runs. */
type Driven = ReturnType<typeof loadOutput.parse> & { readonly cpuMsPerAck: number };

/** Deliveries that are acknowledged after they were stored, against storing alone and against receiving alone. */
export const ack: Benchmark = async ({ quick, say, server }) => {
  const roundsMax = quick ? QUICK_ROUNDS : ROUNDS;
  const seconds = quick ? 0.2 : 1.5;
  const running = await server();
  await running.create("ack");
  const database = running.open("ack");
  const counter = countQueries(database.pool);
  const secret = randomBytes(32).toString("hex");
  const real = await listen(realServer(database, secret));
  const ceiling = await listen(ceilingServer(secret));
  const sender = startChild("ack-load");
  const drive = async (url: string, repositories: number): Promise<Driven> => {
    const pullRequests = PULL_REQUESTS / repositories;
    const input = { url, secret, seconds, repositories, pullRequests, connections: CONNECTIONS };
    const began = process.cpuUsage();
    const load = loadOutput.parse(await sender.run(input));
    const { user, system } = process.cpuUsage(began);
    return { ...load, cpuMsPerAck: (user + system) / 1_000 / load.acked };
  };
  await database.pool.query(
    "create table bare (id uuid primary key default gen_random_uuid(), body bytea not null)",
  );
  const warm = await drive(real.url, 1);
  let acked = warm.acked + (await drive(real.url, PULL_REQUESTS)).acked;
  const { payloadBytes } = warm;
  const rounds = [];
  for (let round = 0; round < roundsMax; round += 1) {
    const bare = await insertRate(database.pool, INSERT, payloadBytes, seconds);
    const bareKept = await insertRate(database.pool, INSERT, KEPT_BYTES, seconds);
    const bareWaking = await insertRate(database.pool, INSERT_AND_WAKE, KEPT_BYTES, seconds);
    counter.reset();
    const one = await drive(real.url, 1);
    const { roundTrips } = counter.counts();
    const many = await drive(real.url, PULL_REQUESTS);
    const received = await drive(ceiling.url, 1);
    acked += one.acked + many.acked;
    rounds.push({
      bare,
      bareKept,
      bareWaking,
      one,
      many,
      received,
      perAck: roundTrips / one.acked,
    });
    say(
      `ack ${round + 1}/${roundsMax}: ${rounded(one.perSecond)}/s in one repository, ` +
        `${rounded(many.perSecond)}/s in many; bare ${rounded(bare)}/s, ` +
        `receiving only ${rounded(received.perSecond)}/s`,
    );
  }
  const stored = await storedDeliveries(database.pool);
  sender.stop();
  await real.close();
  await ceiling.close();
  if (stored !== acked) throw new Error(`${acked} deliveries were acknowledged, ${stored} stored`);
  return {
    acked,
    stored,
    connections: CONNECTIONS,
    payloadBytes,
    roundTripsPerAck: exactly(rounds.map(({ perAck }) => Math.round(perAck))),
    oneRepository: against(rounds.map(({ one, ...others }) => ({ ...others, load: one }))),
    manyRepositories: against(rounds.map(({ many, ...others }) => ({ ...others, load: many }))),
    bareInsertsPerSecond: spread(rounds.map(({ bare }) => bare)),
    bareKeptInsertsPerSecond: spread(rounds.map(({ bareKept }) => bareKept)),
    bareWakingInsertsPerSecond: spread(rounds.map(({ bareWaking }) => bareWaking)),
    receivingOnlyCpuMsPerAck: spread(rounds.map(({ received }) => received.cpuMsPerAck)),
    receivingOnlyPerSecond: spread(rounds.map(({ received }) => received.perSecond)),
  };
};

interface Compared {
  readonly load: Driven;
  readonly bare: number;
  readonly bareKept: number;
  readonly bareWaking: number;
  readonly received: Driven;
}

function against(rounds: readonly Compared[]): object {
  const ratio = (other: (round: Compared) => number) =>
    spread(rounds.map((round) => round.load.perSecond / other(round)));
  return {
    overBareInserts: ratio(({ bare }) => bare),
    overBareInsertsOfWhatIsKept: ratio(({ bareKept }) => bareKept),
    overBareInsertsThatWake: ratio(({ bareWaking }) => bareWaking),
    overReceivingOnly: ratio(({ received }) => received.perSecond),
    perSecond: spread(rounds.map(({ load }) => load.perSecond)),
    serverCpuMsPerAck: spread(rounds.map(({ load }) => load.cpuMsPerAck)),
    p50Ms: spread(rounds.map(({ load }) => load.p50Ms)),
    p99Ms: spread(rounds.map(({ load }) => load.p99Ms)),
    maxMs: spread(rounds.map(({ load }) => load.maxMs)),
    refused: exactly(rounds.map(({ load }) => load.refused)),
  };
}

/** The product's own route, receiver, engine and store. */
function realServer(database: Database, secret: string): Server {
  const receiver = createReceiver({ secrets: [secret], appId: 1 });
  const receivers = new Map([[receiver.kind, receiver]]);
  const engine = benchEngine(database, undefined);
  const app = new Hono().route("/", webhookRoutes({ receivers, engine }));
  return createAdaptorServer({ fetch: app.fetch }) as Server;
}

/** Reads the body, checks its signature and answers: what receiving costs when nothing is done. */
function ceilingServer(secret: string): Server {
  return createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const expected = createHmac("sha256", secret).update(Buffer.concat(parts)).digest();
      const given = String(request.headers["x-hub-signature-256"]).slice("sha256=".length);
      const authentic = timingSafeEqual(expected, Buffer.from(given, "hex"));
      response.writeHead(authentic ? 200 : 401, { "content-length": 0 }).end();
    });
  });
}

/** Inserts per second by as many writers as there are senders, over the same pool, each a commit. */
async function insertRate(
  pool: pg.Pool,
  statement: string,
  bytes: number,
  seconds: number,
): Promise<number> {
  await pool.query("truncate bare");
  // Random, so that compression does not make it small.
  const body = randomBytes(bytes);
  let inserted = 0;
  const began = performance.now();
  const until = began + seconds * 1_000;
  const writer = async (): Promise<void> => {
    while (performance.now() < until) {
      await pool.query(statement, [body]);
      inserted += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, writer));
  return inserted / ((performance.now() - began) / 1_000);
}

/** With exactly one event each. */
async function storedDeliveries(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ deliveries: string; events: string }>(
    "select (select count(*) from delivery) as deliveries, (select count(*) from event) as events",
  );
  const { deliveries, events } = rows[0] ?? { deliveries: "none", events: "none" };
  if (deliveries !== events) throw new Error(`${deliveries} deliveries, but ${events} events`);
  return Number(deliveries);
}

async function listen(
  server: Server,
): Promise<{ readonly url: string; close(): Promise<unknown> }> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/github`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
