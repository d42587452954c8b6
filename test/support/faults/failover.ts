import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { prng } from "../../../src/base/prng.ts";
import { type GitHubDouble, startGitHubDouble } from "../github-double/index.ts";
import { calm } from "./calm.ts";
import { acknowledged, lostOf, withDatabase } from "./count.ts";
import { type FailingOverDatabase, startFailingOverDatabase } from "./failing-over-database.ts";
import { type Fleet, startFleet, WEBHOOK_SECRET } from "./fleet.ts";
import { workJob } from "./job.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { bringLoad } from "./load.ts";
import { type Tally, tally } from "./tally.ts";

export interface FailoverReport extends Tally, Lost {
  readonly stuck: readonly string[];
  /** What a server said while nothing was applied. */
  readonly because: string;
  readonly quarantines: Quarantines;
  readonly appliesBefore: number;
  /** At work when the primary died. */
  readonly appliesInFlight: number;
  /** Begun while nothing may be applied anywhere. */
  readonly appliesMeanwhile: number;
}

interface Lost {
  /** Acknowledged before the standby fell behind, and not there afterwards. */
  readonly lostBeforeLag: number;
  /** How the webhooks were answered that came while there was only a standby. */
  readonly answersOfStandby: readonly Answer[];
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

interface Quarantines {
  /** How many there have been. */
  readonly count: number;
  readonly over: boolean;
}

const SERVERS = 3;
/** Slow enough that plans are applied before the next push makes them stale, on a busy machine too. */
const PACE = { pauseMs: 400, openMax: 3, patient: true };
/** Long enough that the primary can die while one is at its work, and shorter than the quarantine. */
const APPLY_MS = 3_000;
const QUARANTINE_SECONDS = 5;
const PATIENCE_MS = 240_000;

interface Scene {
  readonly double: GitHubDouble;
  readonly ledger: Ledger;
  readonly database: FailingOverDatabase;
  readonly fleet: Fleet;
  readonly say: (text: string) => void;
}

/** Servers under load lose their primary; its standby takes over, and the load goes on. Then calm, then the count. */
export async function failover(options: {
  readonly seed: number;
  readonly synchronous: boolean;
  /** The load, before the failover and after the quarantine. */
  readonly seconds: number;
  readonly say: (text: string) => void;
}): Promise<FailoverReport> {
  const started = performance.now();
  const say = (text: string) =>
    options.say(`${Math.round((performance.now() - started) / 1_000)} s: ${text}`);
  const random = prng(options.seed);
  const { synchronous } = options;
  const double = await startGitHubDouble();
  const ledger = openLedger();
  const database = await startFailingOverDatabase({ random: random.fork(), synchronous });
  const env = { TERRANE_QUARANTINE_SECONDS: String(QUARANTINE_SECONDS) };
  const fleet = await startFleet({
    servers: SERVERS,
    random: random.fork(),
    double,
    database,
    env,
  });
  const scene: Scene = { double, ledger, database, fleet, say };
  const { url } = fleet;
  let stormy = true;
  /** It dies under an apply, so until then people let one come to pass. */
  let primary: "up" | "lost" = "up";
  try {
    const eager = () => primary === "up" && ledger.atWork() === 0;
    const load = await bringLoad(double, random.fork(), { ...PACE, eager });
    double.sendWebhooksTo(`${url}/api/v1/webhooks/github`, WEBHOOK_SECRET);
    const by = { double, url, ledger, random: random.fork(), applyMs: APPLY_MS };
    double.world.onRun = (run) => void workJob({ ...by, stormy: () => stormy }, run);
    say("the load begins");
    const acting = load.people.act(() => stormy);
    await Promise.race([acting, sleep(options.seconds * 1_000)]);
    const before = await losePrimary(scene, synchronous);
    primary = "lost";
    const after = await quarantine(scene);
    await Promise.race([acting, sleep(options.seconds * 1_000)]);
    stormy = false;
    await acting;
    say("calm");
    const stuck = await calm(double, fleet, database.directUrl);
    say("all has come to rest");
    const { directUrl: databaseUrl } = database;
    const quarantines = await withDatabase(databaseUrl, known);
    const lost = await withDatabase(databaseUrl, (client) => lostOf(client, before.heard));
    const counted = await tally({ double, databaseUrl, load, ledger, say });
    return { ...counted, ...before, ...after, stuck, quarantines, lostBeforeLag: lost.length };
  } catch (error) {
    say(`${ledger.applies()} applies, ${acknowledged(double).size} acknowledged`);
    say(database.log().slice(-4_000));
    say(fleet.log().slice(-16_000));
    throw error;
  } finally {
    stormy = false;
    await fleet.close();
    await double.close();
  }
}

/** The primary dies while applies are at work; for a while there is only a standby, and then it is promoted. */
async function losePrimary({ double, ledger, database, say }: Scene, synchronous: boolean) {
  await patiently(async () => (ledger.atWork() > 0 ? true : undefined));
  const heard = acknowledged(double);
  if (!synchronous) {
    await database.cutStandby();
    say(`the standby falls behind after ${ledger.applies()} applies`);
    // An apply was at work just now: its end, or what follows from it, is among what is lost.
    await patiently(async () => (acknowledged(double).size > heard.size ? true : undefined));
  }
  const [appliesBefore, appliesInFlight] = [ledger.applies(), ledger.atWork()];
  const sent = double.deliveries.log.length;
  await database.losePrimary();
  say(`the primary died after ${appliesBefore} applies, ${appliesInFlight} at work`);
  const answers = () =>
    double.deliveries.log
      .slice(sent)
      .filter(({ status }) => status !== "pending")
      .map(({ statusCode: status, responseHeaders }) => ({
        status,
        retryAfter: responseHeaders["retry-after"],
      }));
  await patiently(async () => (answers().length > 2 ? true : undefined));
  const answersOfStandby = answers();
  await database.promote();
  say("promoted");
  return { heard, appliesBefore, appliesInFlight, answersOfStandby };
}

async function quarantine({ fleet, ledger, database, say }: Scene) {
  const because = await told(fleet);
  const applies = ledger.applies();
  say(`quarantine: ${because}`);
  let meanwhile = applies;
  await patiently(async () => {
    // Counted before the look: what has begun since may have begun after the end.
    const begun = ledger.applies();
    const { over, everywhere } = await withDatabase(database.directUrl, known);
    if (everywhere) meanwhile = begun;
    return over ? true : undefined;
  });
  say("the quarantine is over");
  return { because, appliesMeanwhile: meanwhile - applies };
}

/** What a server says when it has noticed. */
function told(fleet: Fleet): Promise<string> {
  return patiently(async () => {
    const reply = await fleet.server()?.api("server", {});
    return reply?.kind === "ok" ? reply.value.quarantine?.because : undefined;
  });
}

/** Past its time, a repository applies again as soon as its own jobs from before have ended; the others wait for theirs. */
async function known(client: pg.Client): Promise<Quarantines & { readonly everywhere: boolean }> {
  const { rows } = await client.query<Quarantines & { everywhere: boolean }>(
    `select quarantines as count, quarantined_at is null as over,
      coalesce(quarantined_until > now(), false) as everywhere from cluster`,
  );
  return rows[0] ?? { count: 0, over: true, everywhere: false };
}

async function patiently<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    // Servers that are just finding their database again answer otherwise.
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error("it did not come to pass");
    await sleep(100);
  }
}
